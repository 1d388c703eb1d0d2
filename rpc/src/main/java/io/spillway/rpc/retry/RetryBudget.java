package io.spillway.rpc.retry;

import io.spillway.core.time.TimeSource;

/**
 * How many calls may be made again: a share of the calls made, and a few in any case, so that
 * repetition never multiplies the load on a peer that is failing because of load. Thread-safe.
 *
 * <p>A bucket of tokens. A call puts {@code share} of one in, time puts {@code floorPerSecond} in,
 * a repetition takes one out; it holds {@code most} and is full at first.
 */
public final class RetryBudget {
  private final double share;
  private final double floorPerSecond;
  private final double most;
  private final TimeSource time;
  private double tokens;
  private long atNanos;

  /** A full one. */
  public RetryBudget(double share, double floorPerSecond, double most, TimeSource time) {
    if (!(share >= 0 && floorPerSecond >= 0 && most >= 1)) {
      throw new IllegalArgumentException(
          "a retry budget needs share and floor of 0 or more, and room for 1 at least");
    }
    this.share = share;
    this.floorPerSecond = floorPerSecond;
    this.most = most;
    this.time = time;
    this.tokens = most;
    this.atNanos = time.nanos();
  }

  /** One in five calls, ten a second in any case, a hundred at once. */
  public static RetryBudget defaults(TimeSource time) {
    return new RetryBudget(0.2, 10, 100, time);
  }

  /** A call is made. */
  public synchronized void called() {
    add(share);
  }

  /** Whether a call may be made again; takes its token. */
  public synchronized boolean take() {
    long now = time.nanos();
    add((now - atNanos) / 1e9 * floorPerSecond);
    atNanos = now;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }

  private void add(double earned) {
    tokens = Math.min(most, tokens + earned);
  }
}
