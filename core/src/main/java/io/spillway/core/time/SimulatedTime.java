package io.spillway.core.time;

import java.time.Duration;
import java.util.PriorityQueue;

/**
 * A clock that moves only when told, for tests and simulation. Timers run on the thread that calls
 * {@link #advance}, in the order of their moments (ties: in the order they were set). Thread-safe;
 * tasks run without the lock held.
 */
public final class SimulatedTime implements TimeSource {
  private static final long START_UNIX_NANOS = 1_700_000_000_000_000_000L;

  private final PriorityQueue<Pending> pending = new PriorityQueue<>();
  private long nanos;
  private long skewNanos;
  private long sequence;

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public synchronized long unixNanos() {
    return START_UNIX_NANOS + nanos + skewNanos;
  }

  /** Moves the wall clock alone, as an operator or NTP would. */
  public synchronized void skewWallClock(Duration by) {
    skewNanos += by.toNanos();
  }

  @Override
  public synchronized Timer after(Duration delay, Runnable task) {
    Pending entry = new Pending(nanos + Math.max(0, delay.toNanos()), sequence++, task);
    pending.add(entry);
    return () -> cancel(entry);
  }

  private synchronized void cancel(Pending entry) {
    pending.remove(entry);
  }

  /**
   * Moves time forward and runs every timer that falls due, including those that these timers set.
   */
  public void advance(Duration by) {
    long target = nanos() + by.toNanos();
    while (true) {
      Runnable task;
      synchronized (this) {
        Pending next = pending.peek();
        if (next == null || next.atNanos > target) {
          nanos = target;
          return;
        }
        pending.remove();
        nanos = Math.max(nanos, next.atNanos);
        task = next.task;
      }
      task.run();
    }
  }

  private record Pending(long atNanos, long sequence, Runnable task)
      implements Comparable<Pending> {
    @Override
    public int compareTo(Pending other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }
}
