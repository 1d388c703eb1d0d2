package io.spillway.rtc.rtp;

/** Big-endian numbers in packets. */
final class Bytes {
  private Bytes() {}

  static int unsignedShort(byte[] data, int at) {
    return ((data[at] & 0xff) << 8) | (data[at + 1] & 0xff);
  }

  static int intAt(byte[] data, int at) {
    return (unsignedShort(data, at) << 16) | unsignedShort(data, at + 2);
  }

  static long unsignedInt(byte[] data, int at) {
    return intAt(data, at) & 0xffffffffL;
  }

  static long longAt(byte[] data, int at) {
    return (unsignedInt(data, at) << 32) | unsignedInt(data, at + 4);
  }

  static void putShort(byte[] data, int at, int value) {
    data[at] = (byte) (value >> 8);
    data[at + 1] = (byte) value;
  }

  static void putInt(byte[] data, int at, int value) {
    putShort(data, at, value >> 16);
    putShort(data, at + 2, value);
  }

  static void putLong(byte[] data, int at, long value) {
    putInt(data, at, (int) (value >> 32));
    putInt(data, at + 4, (int) value);
  }
}
