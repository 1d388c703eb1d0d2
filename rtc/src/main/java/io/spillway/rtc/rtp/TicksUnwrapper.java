package io.spillway.rtc.rtp;

/**
 * RTP timestamps of 32 bits as 64-bit ticks. Each is placed next to where the clock should be by
 * the time that passed since the last packet, so that a mute of more than half a wrap (12 hours of
 * Opus) comes out right as well.
 */
final class TicksUnwrapper {
  /** A timestamp further off than this has lost its relation to time: a new origin. */
  private static final long BELIEVABLE_SECONDS = 10;

  private final int clockRate;
  private boolean started;
  private long ticks;
  private long atNanos;

  TicksUnwrapper(int clockRate) {
    this.clockRate = clockRate;
  }

  /** A new stream: the next timestamp sets the origin. */
  void restart() {
    started = false;
  }

  /** Whether a timestamp was taken since the start. */
  boolean started() {
    return started;
  }

  /** Whether a newer packet's timestamp continues the stream rather than begin a new count. */
  boolean continues(int timestamp, long nowNanos) {
    long expected = expected(nowNanos);
    return Math.abs(nearest(expected, timestamp) - expected) <= BELIEVABLE_SECONDS * clockRate;
  }

  /** Takes the timestamp of the newest packet. */
  long advance(int timestamp, long nowNanos) {
    ticks = started ? nearest(expected(nowNanos), timestamp) : timestamp & 0xffffffffL;
    started = true;
    atNanos = nowNanos;
    return ticks;
  }

  /** Unwraps a timestamp that lies near the newest packet's. */
  long near(int timestamp) {
    return nearest(ticks, timestamp);
  }

  private long expected(long nowNanos) {
    // Microseconds: nanoseconds times the clock rate would overflow within two days.
    return ticks + (nowNanos - atNanos) / 1_000 * clockRate / 1_000_000;
  }

  private static long nearest(long expected, int timestamp) {
    return expected + (timestamp - (int) expected);
  }
}
