package io.spillway.rtc.rtp;

/**
 * The last packets that were sent, to send them again on request. A ring of arrays that are reused;
 * its memory is at most its size times the largest packets.
 */
final class PacketHistory {
  private static final int MAX_RESENDS = 3;
  private static final long MIN_INTERVAL_NANOS = 20_000_000L;

  private final Sent[] ring;

  private static final class Sent {
    int sequence = -1;
    byte[] data = new byte[0];
    int length;
    int resends;
    long resentNanos;
  }

  /** Keeps {@code size} packets, a power of two. */
  PacketHistory(int size) {
    ring = new Sent[size];
    for (int i = 0; i < size; i++) {
      ring[i] = new Sent();
    }
  }

  void keep(int sequence, byte[] packet, int length) {
    Sent sent = ring[sequence & (ring.length - 1)];
    if (sent.data.length < length) {
      sent.data = new byte[Math.max(length, Math.min(2 * sent.data.length, 1_536))];
    }
    System.arraycopy(packet, 0, sent.data, 0, length);
    sent.sequence = sequence;
    sent.length = length;
    sent.resends = 0;
  }

  /**
   * Copies a packet to {@code into} for one more sending.
   *
   * @return its length; 0 when it is gone, or was sent again often enough or just now
   */
  int take(int sequence, byte[] into, long nowNanos) {
    Sent sent = ring[sequence & (ring.length - 1)];
    boolean justSent = sent.resends > 0 && nowNanos - sent.resentNanos < MIN_INTERVAL_NANOS;
    if (sent.sequence != sequence || sent.resends >= MAX_RESENDS || justSent) {
      return 0;
    }
    sent.resends++;
    sent.resentNanos = nowNanos;
    System.arraycopy(sent.data, 0, into, 0, sent.length);
    return sent.length;
  }
}
