package io.spillway.rtc.rtp;

/**
 * When to ask for a key frame (PLI). Two wishes: one that must be fulfilled (subscribed, or a loss
 * beyond repair), asked again in growing steps; and one that would be welcome (a seekable file),
 * asked once. livekit-server stops answering NACKs between a PLI and its key frame, so the welcome
 * one waits while packets are missing.
 */
final class KeyFrameRequests {
  static final long NEVER = Long.MAX_VALUE;
  private static final long FIRST_STEP_NANOS = 200_000_000L;
  private static final long LONGEST_STEP_NANOS = 2_000_000_000L;
  private static final long LONGEST_WAIT_NANOS = 2_000_000_000L;

  private boolean expecting;
  private boolean wished;
  private long wishedAtNanos = NEVER;
  private long stepNanos;
  private long dueNanos = NEVER;
  private boolean everSent;
  private long sentNanos;
  private long sent;

  /** A key frame must come. */
  void expect() {
    if (!expecting) {
      expecting = true;
      stepNanos = FIRST_STEP_NANOS;
      dueNanos = earliest();
    }
  }

  /** A key frame would be welcome. */
  void wish() {
    if (!wished && !expecting) {
      wished = true;
      wishedAtNanos = NEVER;
      dueNanos = earliest();
    }
  }

  /** A key frame seems to be coming: asks no earlier than then. */
  void postpone(long untilNanos) {
    if (expecting) {
      dueNanos = Math.max(dueNanos, untilNanos);
    }
  }

  /** A key frame has come. */
  void satisfied() {
    expecting = false;
    wished = false;
    dueNanos = NEVER;
  }

  /** Whether to ask now; then it counts as asked. */
  boolean take(long nowNanos, boolean packetsMissing) {
    if (nowNanos < dueNanos || (!expecting && !wished)) {
      return false;
    }
    if (!expecting && packetsMissing) {
      wishedAtNanos = wishedAtNanos == NEVER ? nowNanos : wishedAtNanos;
      if (nowNanos - wishedAtNanos < LONGEST_WAIT_NANOS) {
        dueNanos = nowNanos + FIRST_STEP_NANOS / 2;
        return false;
      }
    }
    everSent = true;
    sentNanos = nowNanos;
    sent++;
    wished = false;
    dueNanos = expecting ? nowNanos + stepNanos : NEVER;
    stepNanos = Math.min(stepNanos * 3 / 2, LONGEST_STEP_NANOS);
    return true;
  }

  /** When {@link #take} is worth calling. */
  long dueNanos() {
    return dueNanos;
  }

  long sent() {
    return sent;
  }

  private long earliest() {
    return everSent ? sentNanos + FIRST_STEP_NANOS : Long.MIN_VALUE;
  }
}
