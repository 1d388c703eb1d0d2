package io.spillway.rtc.codec;

/** Little-endian base 128 numbers of AV1 (AV1 specification 4.10.5), up to 2^28. */
final class Leb128 {
  private static final int MAX_BYTES = 4;

  private Leb128() {}

  /**
   * Reads a number between {@code position} and {@code end}: value in the low 32 bits, bytes used
   * in the high 32; -1 when it is cut short or too large for anything that fits a picture.
   */
  static long read(byte[] data, int position, int end) {
    long value = 0;
    for (int i = 0; i < MAX_BYTES && position + i < end; i++) {
      value |= (data[position + i] & 0x7fL) << (7 * i);
      if (data[position + i] >= 0) {
        return ((long) (i + 1) << 32) | value;
      }
    }
    return -1;
  }

  /** Bytes that {@link #write} takes. */
  static int size(int value) {
    int bytes = 1;
    for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
      bytes++;
    }
    return bytes;
  }

  /** Writes a number in as few bytes as it needs. */
  static void write(int value, byte[] data, int position) {
    int rest = value;
    int at = position;
    while (rest >>> 7 != 0) {
      data[at++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    data[at] = (byte) rest;
  }
}
