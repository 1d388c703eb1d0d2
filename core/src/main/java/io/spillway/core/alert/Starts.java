package io.spillway.core.alert;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What became of starts: how many succeeded, failed, were the caller's own mistake, and how long
 * they took. Moments are nanoseconds of one monotonic clock. Thread-safe.
 */
public final class Starts {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private Duration latencyTarget;
  private final Counts outcomes = new Counts();
  private final Counts speed = new Counts();
  private final Counts callers = new Counts();
  private final Latencies latencies = new Latencies();

  /**
   * Nothing counted yet.
   *
   * @param latencyTarget a start that takes longer counts as slow
   */
  public Starts(Duration latencyTarget) {
    this.latencyTarget = latencyTarget;
  }

  /** A start that led to a recording. */
  public synchronized void succeeded(long atNanos, long nowNanos) {
    outcomes.add(atNanos, nowNanos, true);
  }

  /** How long such a start took. */
  public synchronized void took(long atNanos, long nowNanos, Duration latency) {
    speed.add(atNanos, nowNanos, latency.compareTo(latencyTarget) <= 0);
    latencies.add(atNanos, latency);
  }

  /** A start that we failed. */
  public synchronized void failed(long atNanos, long nowNanos) {
    outcomes.add(atNanos, nowNanos, false);
  }

  /** A start that could not succeed, whoever ran it: an unknown room, a wrong path. */
  public synchronized void refused(long atNanos, long nowNanos) {
    callers.add(atNanos, nowNanos, false);
  }

  /** Starts that led to a recording, and those that we failed. */
  public synchronized Tally outcomes(Duration window, long nowNanos) {
    return outcomes.within(window, nowNanos);
  }

  /** Starts within the latency target, and slower ones. */
  public synchronized Tally speed(Duration window, long nowNanos) {
    return speed.within(window, nowNanos);
  }

  /** Starts that were their caller's mistake. */
  public synchronized long refusals(Duration window, long nowNanos) {
    return callers.within(window, nowNanos).bad();
  }

  /** As {@link Latencies#percentile}. */
  public synchronized OptionalDouble percentile(double share, Duration window, long nowNanos) {
    return latencies.percentile(share, window, nowNanos);
  }

  /** Outcomes of each of the last {@code minutes}, the oldest first. */
  public synchronized List<Tally> perMinute(int minutes, long nowNanos) {
    List<Tally> out = new ArrayList<>();
    for (int ago = minutes; ago > 0; ago--) {
      out.add(outcomes.between(MINUTE.multipliedBy(ago), MINUTE.multipliedBy(ago - 1L), nowNanos));
    }
    return out;
  }

  /** What a start may take. */
  public synchronized Duration latencyTarget() {
    return latencyTarget;
  }

  /** What starts may take from now on; those that are counted stay counted. */
  public synchronized void latencyTarget(Duration target) {
    latencyTarget = target;
  }
}
