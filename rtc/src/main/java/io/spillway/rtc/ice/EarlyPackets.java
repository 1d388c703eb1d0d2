package io.spillway.rtc.ice;

import io.spillway.rtc.net.Counter;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Packets that came before the SRTP keys. The server may send as soon as its side of the handshake
 * is done, and on a starved machine ours takes seconds longer; the first of these packets are the
 * key frame. Loop thread only, but for the counts.
 */
final class EarlyPackets {
  static final int MOST_PACKETS = 3000;
  static final int MOST_BYTES = 4 << 20;

  /** A kept packet and when it came. */
  static final class Packet {
    final byte[] bytes;
    final long arrivedNanos;

    private Packet(byte[] bytes, long arrivedNanos) {
      this.bytes = bytes;
      this.arrivedNanos = arrivedNanos;
    }
  }

  private final ArrayDeque<Packet> packets = new ArrayDeque<>(0);
  private final Counter buffered = new Counter();
  private final Counter dropped = new Counter();
  private int bytes;

  /** Keeps a copy, or drops the packet when there is no room. */
  void add(byte[] buffer, int offset, int length, long nowNanos) {
    if (packets.size() >= MOST_PACKETS || bytes + length > MOST_BYTES) {
      dropped.increment();
      return;
    }
    packets.add(new Packet(Arrays.copyOfRange(buffer, offset, offset + length), nowNanos));
    bytes += length;
    buffered.increment();
  }

  /** All packets in the order they came; empty afterwards. */
  ArrayDeque<Packet> takeAll() {
    ArrayDeque<Packet> all = packets.clone();
    packets.clear();
    bytes = 0;
    return all;
  }

  long buffered() {
    return buffered.get();
  }

  long dropped() {
    return dropped.get();
  }
}
