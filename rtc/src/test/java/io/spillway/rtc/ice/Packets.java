package io.spillway.rtc.ice;

/** Packets for tests. */
final class Packets {
  private Packets() {}

  static byte[] rtp(int sequence, int bytes) {
    byte[] packet = new byte[bytes];
    packet[0] = (byte) 0x80;
    packet[1] = 111;
    packet[2] = (byte) (sequence >> 8);
    packet[3] = (byte) sequence;
    packet[11] = 7;
    packet[bytes - 1] = (byte) sequence;
    return packet;
  }

  static int sequence(byte[] buffer, int offset) {
    return (buffer[offset + 2] & 0xff) << 8 | (buffer[offset + 3] & 0xff);
  }

  static byte[] rtcp() {
    byte[] packet = new byte[8];
    packet[0] = (byte) 0x80;
    packet[1] = (byte) 201;
    packet[3] = 1;
    return packet;
  }
}
