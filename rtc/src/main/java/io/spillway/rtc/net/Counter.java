package io.spillway.rtc.net;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A count that one thread raises and any thread reads. Cheaper than an atomic addition: the packet
 * path counts several things per packet and has a single writer.
 */
public final class Counter {
  private final AtomicLong value = new AtomicLong();

  /** Raises the count by one; only the owning thread may call it. */
  public void increment() {
    add(1);
  }

  /** Raises the count by {@code by}; only the owning thread may call it. */
  public void add(long by) {
    value.setOpaque(value.getPlain() + by);
  }

  /** The count, from any thread; it may be a moment old. */
  public long get() {
    return value.getOpaque();
  }
}
