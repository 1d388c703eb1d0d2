package io.spillway.core.alert;

import java.time.Duration;
import java.util.Arrays;

/**
 * Good and bad events of the last six hours, counted in buckets of five seconds, so that any window
 * can be asked for. Moments are nanoseconds of one monotonic clock. Not thread-safe.
 */
public final class Counts {
  /** The longest window that can be asked for. */
  public static final Duration LONGEST = Duration.ofHours(6);

  private static final long BUCKET_NANOS = Duration.ofSeconds(5).toNanos();
  private static final int BUCKETS = Math.toIntExact(LONGEST.toNanos() / BUCKET_NANOS) + 2;
  private static final long NEVER = Long.MIN_VALUE;

  private final long[] number = new long[BUCKETS];
  private final long[] good = new long[BUCKETS];
  private final long[] bad = new long[BUCKETS];

  /** Nothing counted yet. */
  public Counts() {
    Arrays.fill(number, NEVER);
  }

  /**
   * Counts an event. One that is older than the longest window, or of the future, is left out: the
   * first tells nothing any more, the second would be wiped by its own time.
   */
  public void add(long atNanos, long nowNanos, boolean wasGood) {
    long bucket = Math.floorDiv(atNanos, BUCKET_NANOS);
    long latest = Math.floorDiv(nowNanos, BUCKET_NANOS);
    if (bucket > latest || latest - bucket >= BUCKETS) {
      return;
    }
    int slot = slot(bucket);
    if (number[slot] != bucket) {
      number[slot] = bucket;
      good[slot] = 0;
      bad[slot] = 0;
    }
    if (wasGood) {
      good[slot]++;
    } else {
      bad[slot]++;
    }
  }

  /** The events of the last {@code window}, rounded up to whole buckets. */
  public Tally within(Duration window, long nowNanos) {
    return between(window, Duration.ZERO, nowNanos);
  }

  /** The events that are at most {@code from} and at least {@code until} old. */
  public Tally between(Duration from, Duration until, long nowNanos) {
    if (from.compareTo(LONGEST) > 0 || from.compareTo(until) < 0) {
      throw new IllegalArgumentException(
          "a window lies within " + LONGEST + ", was " + from + " to " + until);
    }
    long latest = Math.floorDiv(nowNanos, BUCKET_NANOS);
    long first = latest - from.toNanos() / BUCKET_NANOS;
    long last = until.isZero() ? latest : latest - until.toNanos() / BUCKET_NANOS - 1;
    long allGood = 0;
    long allBad = 0;
    for (long bucket = first; bucket <= last; bucket++) {
      int slot = slot(bucket);
      if (number[slot] == bucket) {
        allGood += good[slot];
        allBad += bad[slot];
      }
    }
    return new Tally(allGood, allBad);
  }

  private static int slot(long bucket) {
    return Math.toIntExact(Math.floorMod(bucket, (long) BUCKETS));
  }
}
