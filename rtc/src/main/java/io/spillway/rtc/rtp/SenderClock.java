package io.spillway.rtc.rtp;

/**
 * The sender's wall clock for each tick, from its sender reports (RFC 3550 6.4.1). Reports are
 * smoothed, which follows the drift of the two clocks; a step of the sender's wall clock counts
 * only when a second report confirms it, so that one wrong report moves nothing.
 */
final class SenderClock {
  private static final long NTP_TO_UNIX_SECONDS = 2_208_988_800L;
  private static final long STEP_NANOS = 200_000_000L;
  private static final long SAME_STEP_NANOS = 50_000_000L;
  private static final int SMOOTHING = 8;

  private final int clockRate;
  private int reports;
  private long referenceTicks;
  private long referenceUnixNanos;
  private boolean stepSeen;
  private long stepNanos;

  SenderClock(int clockRate) {
    this.clockRate = clockRate;
  }

  /** A new stream: reports from before say nothing about it. */
  void restart() {
    reports = 0;
    stepSeen = false;
  }

  /** Takes a report: NTP time (32.32) and ticks of one moment. */
  void report(long ntp, long ticks) {
    if (ntp == 0) {
      return; // RFC 3550: the sender has no wall clock
    }
    long measured = unixNanos(ntp);
    if (reports == 0) {
      reference(ticks, measured);
      return;
    }
    long predicted = unixNanosAt(ticks);
    long error = measured - predicted;
    if (Math.abs(error) >= STEP_NANOS) {
      boolean confirmed = stepSeen && Math.abs(error - stepNanos) < SAME_STEP_NANOS;
      stepSeen = true;
      stepNanos = error;
      if (confirmed) {
        reference(ticks, measured);
      }
      return;
    }
    stepSeen = false;
    reports++;
    referenceTicks = ticks;
    referenceUnixNanos = predicted + error / Math.min(reports, SMOOTHING);
  }

  private void reference(long ticks, long unixNanos) {
    reports = 1;
    stepSeen = false;
    referenceTicks = ticks;
    referenceUnixNanos = unixNanos;
  }

  /** Unix nanoseconds at this tick; -1 until a report has come. */
  long unixNanosAt(long ticks) {
    if (reports == 0) {
      return -1;
    }
    long distance = ticks - referenceTicks;
    long seconds = distance / clockRate;
    long rest = distance % clockRate;
    return referenceUnixNanos + seconds * 1_000_000_000L + rest * 1_000_000_000L / clockRate;
  }

  /** NTP era 1 begins in February 2036: seconds without the top bit belong to it (RFC 2030). */
  static long unixNanos(long ntp) {
    long seconds = ntp >>> 32;
    if (seconds < 1L << 31) {
      seconds += 1L << 32;
    }
    long fraction = ((ntp & 0xffffffffL) * 1_000_000_000L) >>> 32;
    return (seconds - NTP_TO_UNIX_SECONDS) * 1_000_000_000L + fraction;
  }

  /** The NTP form of a Unix time. */
  static long ntp(long unixNanos) {
    long seconds = unixNanos / 1_000_000_000L + NTP_TO_UNIX_SECONDS;
    long fraction = ((unixNanos % 1_000_000_000L) << 32) / 1_000_000_000L;
    return (seconds << 32) | fraction;
  }
}
