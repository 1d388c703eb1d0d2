package io.spillway.core.bounded;

import io.spillway.core.time.Deadline;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded queue between a producer that must never wait and a consumer that may. Thread-safe.
 *
 * <p>The offer never blocks longer than the few instructions under the lock: what does not fit is
 * dropped as the {@link Overflow} says and counted, so that one slow reader can only hurt itself.
 */
public final class Mailbox<T> {
  /** What gives way when the mailbox is full. */
  public enum Overflow {
    DROP_NEWEST,
    DROP_OLDEST
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final ArrayDeque<T> items;
  private final int capacity;
  private final Overflow overflow;
  private long dropped;
  private boolean closed;

  private Mailbox(int capacity, Overflow overflow) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity must be at least 1, was " + capacity);
    }
    this.capacity = capacity;
    this.overflow = overflow;
    this.items = new ArrayDeque<>(Math.min(capacity, 16));
  }

  /** A mailbox of at most {@code capacity} items. */
  public static <T> Mailbox<T> bounded(int capacity, Overflow overflow) {
    return new Mailbox<>(capacity, overflow);
  }

  /**
   * Puts an item in; false when something (this item or the oldest) was dropped for it, or the
   * mailbox is closed.
   */
  public boolean offer(T item) {
    lock.lock();
    try {
      if (closed) {
        dropped++;
        return false;
      }
      boolean full = items.size() == capacity;
      if (full) {
        dropped++;
        if (overflow == Overflow.DROP_NEWEST) {
          return false;
        }
        items.removeFirst();
      }
      items.addLast(item);
      arrived.signal();
      return !full;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next item, waiting for it until the deadline; empty when none came or the mailbox was
   * closed and drained.
   */
  public Optional<T> take(Deadline deadline) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (items.isEmpty() && !closed) {
        long left = deadline.remainingNanos();
        if (left <= 0) {
          return Optional.empty();
        }
        boolean unusedSignal = arrived.await(left, TimeUnit.NANOSECONDS);
        if (!unusedSignal && deadline.hasPassed() && items.isEmpty()) {
          return Optional.empty();
        }
      }
      return Optional.ofNullable(items.pollFirst());
    } finally {
      lock.unlock();
    }
  }

  /** The next item if one is there. */
  public Optional<T> poll() {
    lock.lock();
    try {
      return Optional.ofNullable(items.pollFirst());
    } finally {
      lock.unlock();
    }
  }

  /** Refuses new items and wakes whoever waits; what is inside can still be taken. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many items wait now. */
  public int size() {
    lock.lock();
    try {
      return items.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many items were dropped since the start. */
  public long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }
}
