package io.spillway.controller.webhook;

import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * A duty that is left to others for a while when this controller is cut off from a hearer: another
 * one may still reach it. If nobody takes the duty meanwhile it is taken again, because there are
 * other hearers, and offered again a minute later. Not thread-safe, as the duty itself.
 */
final class YieldedDuty implements Duty {
  /** Others ask for the duty every {@link Duty#CHECK_EVERY}. */
  static final Duration LEFT_FOR = CHECK_EVERY.multipliedBy(4);

  static final Duration OFFERED_EVERY = Duration.ofMinutes(1);

  private final Duty duty;
  private final BooleanSupplier inReach;
  private final TimeSource time;
  private long leftUntilNanos;
  private long nextOfferNanos;

  YieldedDuty(Duty duty, BooleanSupplier inReach, TimeSource time) {
    this.duty = duty;
    this.inReach = inReach;
    this.time = time;
    this.leftUntilNanos = time.nanos();
    this.nextOfferNanos = time.nanos();
  }

  @Override
  public boolean check() {
    if (inReach.getAsBoolean()) {
      return duty.check();
    }
    long now = time.nanos();
    if (now - nextOfferNanos >= 0) {
      nextOfferNanos = now + OFFERED_EVERY.toNanos();
      leftUntilNanos = now + LEFT_FOR.toNanos();
      duty.release();
    }
    return now - leftUntilNanos >= 0 && duty.check();
  }

  @Override
  public void release() {
    duty.release();
  }
}
