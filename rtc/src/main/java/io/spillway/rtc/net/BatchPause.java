package io.spillway.rtc.net;

/**
 * How long the loop rests after a turn, so that one wake-up serves many packets. At 10 000 packets
 * a second from 200 sockets each packet would otherwise cost its own wake-up of the thread (several
 * microseconds of kernel time); a recorder doesn't mind that a packet waits 5 ms, and the kernel's
 * socket buffers hold hundreds of milliseconds. Below {@link #FROM_PACKETS_PER_SECOND} nothing
 * rests, so that a single track is served at once. Pure but for its own window; one thread.
 */
final class BatchPause {
  static final long FROM_PACKETS_PER_SECOND = 2_000;
  static final long REST_NANOS = 5_000_000;
  private static final long WINDOW_NANOS = 50_000_000;

  private long windowStartNanos;
  private long packetsInWindow;
  private boolean resting;

  BatchPause(long nowNanos) {
    windowStartNanos = nowNanos;
  }

  /** The rest after a turn that read {@code packets}, in nanoseconds; zero for none. */
  long afterTurn(int packets, long nowNanos) {
    packetsInWindow += packets;
    long windowNanos = nowNanos - windowStartNanos;
    if (windowNanos >= WINDOW_NANOS) {
      resting = packetsInWindow * 1_000_000_000L >= FROM_PACKETS_PER_SECOND * windowNanos;
      windowStartNanos = nowNanos;
      packetsInWindow = 0;
    }
    return resting && packets > 0 ? REST_NANOS : 0;
  }
}
