package io.spillway.core.bounded;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waits between tries: doubling from {@code first} up to {@code most}, each with full jitter in its
 * upper half, so that many callers that failed together don't come back together. Pure: the chance
 * is handed in.
 */
public record Backoff(Duration first, Duration most) {
  /** Checks that both are positive and ordered. */
  public Backoff {
    if (first.isNegative() || first.isZero() || most.compareTo(first) < 0) {
      throw new IllegalArgumentException("need 0 < first <= most, was " + first + ", " + most);
    }
  }

  /**
   * The wait before try number {@code attempt + 1}, where {@code attempt} counts the tries that
   * failed, from 1.
   */
  public Duration after(int attempt, RandomGenerator random) {
    long ceiling = longestAfter(attempt).toNanos();
    long half = ceiling / 2;
    return Duration.ofNanos(half + random.nextLong(ceiling - half + 1));
  }

  /** The same without jitter, for who tries alone. */
  public Duration longestAfter(int attempt) {
    int doublings = Math.min(Math.max(attempt, 1) - 1, 30);
    return Duration.ofNanos(Math.min(most.toNanos(), saturatedShift(first.toNanos(), doublings)));
  }

  private static long saturatedShift(long value, int by) {
    return value > (Long.MAX_VALUE >> by) ? Long.MAX_VALUE : value << by;
  }
}
