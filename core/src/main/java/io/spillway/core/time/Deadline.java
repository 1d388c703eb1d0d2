package io.spillway.core.time;

import java.time.Duration;

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

  /** Whether the moment has come. */
  public boolean hasPassed() {
    return remainingNanos() <= 0;
  }
}
