package io.spillway.rpc.pending;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The newest ids, each with a mark: as many as given, the oldest forgotten first. Thread-safe
 * without a lock.
 */
public final class RecentIds<M> {
  private final ConcurrentHashMap<String, M> marks;
  private final AtomicReferenceArray<String> ring;
  private final AtomicInteger next = new AtomicInteger();

  /** Remembers {@code capacity} ids. */
  public RecentIds(int capacity) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("capacity must be a power of two, was " + capacity);
    }
    this.marks = new ConcurrentHashMap<>(capacity * 2);
    this.ring = new AtomicReferenceArray<>(capacity);
  }

  /** Remembers an id; false when it is known already (its mark stays). */
  public boolean add(String id, M mark) {
    if (marks.putIfAbsent(id, mark) != null) {
      return false;
    }
    String oldest = ring.getAndSet(next.getAndIncrement() & (ring.length() - 1), id);
    if (oldest != null) {
      marks.remove(oldest);
    }
    return true;
  }

  /** The mark of an id that is remembered. */
  public Optional<M> find(String id) {
    return Optional.ofNullable(marks.get(id));
  }
}
