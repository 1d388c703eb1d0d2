package io.spillway.rpc.pending;

import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One timer for many deadlines. Thread-safe.
 *
 * <p>Nearly every call ends long before its deadline, so a timer each would only be set and
 * cancelled. Here {@link #expect} is one volatile read as long as the timer is set for an earlier
 * moment anyway; when it fires, everything pending is looked at once and the timer is set for the
 * earliest moment left. Under steady load it fires about once per time-out, not once per call.
 *
 * <p>INVARIANT: what is pending must be findable by the sweep before {@link #expect} is called for
 * it; then a moment can't be missed between a sweep and the next setting.
 */
public final class DueTimer {
  /** No moment. */
  public static final long NEVER = Long.MAX_VALUE;

  private final TimeSource time;
  private final long originNanos;
  private final LongUnaryOperator sweep;
  private final Object lock = new Object();
  private volatile long setForNanos = NEVER;
  private long generation;
  private TimeSource.@Nullable Timer timer;
  private boolean closed;

  /**
   * @param sweep is given the present moment, handles all that is due and returns the next moment
   *     or {@link #NEVER}; runs on the time source's thread and must not block
   */
  public DueTimer(TimeSource time, LongUnaryOperator sweep) {
    this.time = time;
    this.originNanos = time.nanos();
    this.sweep = sweep;
  }

  /** Nanoseconds since this was made. */
  public long nowNanos() {
    return time.nanos() - originNanos;
  }

  /** Makes sure that a sweep happens at {@code dueNanos} or soon after. */
  public void expect(long dueNanos) {
    if (dueNanos >= setForNanos) {
      return;
    }
    synchronized (lock) {
      if (dueNanos >= setForNanos || closed) {
        return;
      }
      if (timer != null) {
        timer.cancel();
      }
      long mine = ++generation;
      setForNanos = dueNanos;
      timer = time.after(Duration.ofNanos(Math.max(0, dueNanos - nowNanos())), () -> fire(mine));
    }
  }

  /** Sets no timer any more. */
  public void close() {
    synchronized (lock) {
      closed = true;
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }
  }

  private void fire(long fired) {
    synchronized (lock) {
      if (fired != generation) {
        return; // an earlier moment took this one's place and will look at everything
      }
      setForNanos = NEVER;
      timer = null;
    }
    expect(sweep.applyAsLong(nowNanos()));
  }
}
