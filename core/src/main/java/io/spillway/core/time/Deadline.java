package io.spillway.core.time;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The moment until which a caller is willing to wait, on the monotonic clock of its {@link
 * TimeSource}.
 */
public record Deadline(TimeSource time, long atNanos) {
  /** A deadline {@code wait} from now. */
  public static Deadline in(TimeSource time, Duration wait) {
    return new Deadline(time, time.nanos() + wait.toNanos());
  }

  /** What is left, in nanoseconds; zero or less when it has passed. */
  public long remainingNanos() {
    return atNanos - time.nanos();
  }

  /**
   * Waits until {@code done}, at most until this moment; whether it is so. It is asked under the
   * lock of {@code monitor}, which whoever makes it so notifies.
   */
  public boolean await(Object monitor, BooleanSupplier done) throws InterruptedException {
    synchronized (monitor) {
      while (!done.getAsBoolean()) {
        long millis = remainingNanos() / 1_000_000;
        if (millis <= 0) {
          return false;
        }
        monitor.wait(millis);
      }
      return true;
    }
  }

  /** Whether the moment has come. */
  public boolean hasPassed() {
    return remainingNanos() <= 0;
  }
}
