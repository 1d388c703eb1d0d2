package io.spillway.rpc.retry;

import io.spillway.core.time.TimeSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many calls may be made again: a share of the calls made, and a few in any case, so that
 * repetition never multiplies the load on a peer that is failing because of load. Thread-safe.
 *
 * <p>A bucket of tokens. A call puts {@code share} of one in, time puts {@code floorPerSecond} in,
 * a repetition takes one out; it holds {@code most} and is full at first.
 */
public final class RetryBudget {
  /** Tokens are counted in billionths, so that a rate per second is a number per nanosecond. */
  private static final long TOKEN = 1_000_000_000;

  private final long share;
  private final double floorPerSecond;
  private final long most;
  private final TimeSource time;
  private final AtomicLong tokens;
  private long atNanos;

  /** A full one. */
  public RetryBudget(double share, double floorPerSecond, double most, TimeSource time) {
    if (!(share >= 0 && floorPerSecond >= 0 && most >= 1)) {
      throw new IllegalArgumentException(
          "a retry budget needs share and floor of 0 or more, and room for 1 at least");
    }
    this.share = Math.round(share * TOKEN);
    this.floorPerSecond = floorPerSecond;
    this.most = Math.round(most * TOKEN);
    this.time = time;
    this.tokens = new AtomicLong(this.most);
    this.atNanos = time.nanos();
  }

  /** One in five calls, ten a second in any case, a hundred at once. */
  public static RetryBudget defaults(TimeSource time) {
    return new RetryBudget(0.2, 10, 100, time);
  }

  /** A call is made. Every call passes here: while none fails this reads, and writes nothing. */
  public void called() {
    add(share);
  }

  /** Whether a call may be made again; takes its token. */
  public synchronized boolean take() {
    long now = time.nanos();
    add((long) ((now - atNanos) * floorPerSecond));
    atNanos = now;
    // INVARIANT: only this takes out, so there are not fewer tokens than were read.
    if (tokens.get() < TOKEN) {
      return false;
    }
    long _ = tokens.addAndGet(-TOKEN);
    return true;
  }

  private void add(long earned) {
    if (tokens.get() < most) {
      long _ = tokens.accumulateAndGet(earned, (have, more) -> Math.min(most, have + more));
    }
  }
}
