package io.spillway.rtc.codec;

/**
 * Reads the bit fields of codec headers, most significant bit first. Reading past the end gives
 * zeros and sets {@link #overrun}; it never throws. Reused: no allocation per header.
 */
final class BitReader {
  /** An Exp-Golomb code longer than this cannot be valid (H.264 9.1: at most 32 leading zeros). */
  private static final int MAX_LEADING_ZEROS = 32;

  private byte[] data = new byte[0];
  private int position;
  private int end;
  private int bit;
  private int zeros;
  private boolean escaped;
  private boolean overrun;

  /**
   * Starts anew at {@code offset}.
   *
   * @param escaped whether 00 00 03 hides a byte (emulation prevention of H.264 and H.265)
   */
  BitReader start(byte[] data, int offset, int length, boolean escaped) {
    this.data = data;
    this.position = offset;
    this.end = offset + length;
    this.escaped = escaped;
    bit = 0;
    zeros = 0;
    overrun = false;
    return this;
  }

  /** Whether more was read than there is. */
  boolean overrun() {
    return overrun;
  }

  /** One bit as a truth value. */
  boolean flag() {
    return bits(1) != 0;
  }

  /** Up to 32 bits, unsigned. */
  long bits(int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = (value << 1) | nextBit();
    }
    return value;
  }

  void skip(int count) {
    for (int i = 0; i < count; i++) {
      nextBit();
    }
  }

  /** Unsigned Exp-Golomb code, ue(v) of H.264 9.1. */
  long unsignedGolomb() {
    int leading = 0;
    while (nextBit() == 0) {
      leading++;
      if (overrun || leading > MAX_LEADING_ZEROS) {
        overrun = true;
        return 0;
      }
    }
    return (1L << leading) - 1 + bits(leading);
  }

  /** Signed Exp-Golomb code, se(v) of H.264 9.1.1. */
  long signedGolomb() {
    long code = unsignedGolomb();
    return (code & 1) == 0 ? -(code >> 1) : (code + 1) >> 1;
  }

  private int nextBit() {
    if (bit == 0 && escaped && zeros >= 2 && position < end && data[position] == 3) {
      position++;
      zeros = 0;
    }
    if (position >= end) {
      overrun = true;
      return 0;
    }
    int value = (data[position] >> (7 - bit)) & 1;
    if (++bit == 8) {
      bit = 0;
      zeros = data[position] == 0 ? zeros + 1 : 0;
      position++;
    }
    return value;
  }
}
