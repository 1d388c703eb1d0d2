package io.spillway.core.alert;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;

/**
 * The last start latencies, for percentiles. Bounded: beyond its capacity the oldest give way. Not
 * thread-safe.
 */
public final class Latencies {
  private static final int CAPACITY = 2000;

  private final Deque<Sample> samples = new ArrayDeque<>();

  /** Keeps a latency that was measured at that moment of the monotonic clock. */
  public void add(long atNanos, Duration latency) {
    if (samples.size() == CAPACITY) {
      samples.removeFirst();
    }
    samples.addLast(new Sample(atNanos, latency.toNanos()));
  }

  /**
   * The latency in seconds that this share of the window's starts kept within (nearest rank); empty
   * when there were none.
   */
  public OptionalDouble percentile(double share, Duration window, long nowNanos) {
    long[] sorted =
        samples.stream()
            .filter(sample -> nowNanos - sample.atNanos <= window.toNanos())
            .mapToLong(Sample::latencyNanos)
            .sorted()
            .toArray();
    if (sorted.length == 0) {
      return OptionalDouble.empty();
    }
    int rank = (int) Math.ceil(share * sorted.length);
    return OptionalDouble.of(sorted[Math.clamp(rank - 1, 0, sorted.length - 1)] / 1e9);
  }

  private record Sample(long atNanos, long latencyNanos) {}
}
