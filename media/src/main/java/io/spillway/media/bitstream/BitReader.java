package io.spillway.media.bitstream;

import java.util.Arrays;

/** Reads bits, most significant first. Behind the end it reads zeros: a torn header ends there. */
final class BitReader {
  private final byte[] data;
  private final int endBit;
  private int bit;

  BitReader(byte[] data, int offset, int length) {
    this.data = data;
    this.bit = offset * 8;
    this.endBit = (offset + length) * 8;
  }

  /**
   * Reads the payload of a NAL unit without its emulation prevention bytes (H.264 7.4.1, H.265
   * 7.4.2), skipping {@code headerBytes}.
   */
  static BitReader ofNal(byte[] nal, int headerBytes) {
    byte[] plain = new byte[nal.length];
    int length = 0;
    int zeros = 0;
    for (int i = headerBytes; i < nal.length; i++) {
      if (zeros >= 2 && nal[i] == 3) {
        zeros = 0;
        continue;
      }
      zeros = nal[i] == 0 ? zeros + 1 : 0;
      plain[length++] = nal[i];
    }
    return new BitReader(Arrays.copyOf(plain, length), 0, length);
  }

  boolean overrun() {
    return bit > endBit;
  }

  boolean flag() {
    return bits(1) != 0;
  }

  int bits(int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      int next = bit < endBit ? (data[bit >> 3] >> (7 - (bit & 7))) & 1 : 0;
      value = value << 1 | next;
      bit++;
    }
    return value;
  }

  void skip(int count) {
    bit += count;
  }

  /** Exp-Golomb, unsigned (H.264 9.1); also AV1's uvlc(). */
  int unsigned() {
    int zeros = 0;
    while (!flag()) {
      if (++zeros > 31 || overrun()) {
        return 0;
      }
    }
    return (int) ((1L << zeros) - 1) + bits(zeros);
  }

  /** Exp-Golomb, signed (H.264 9.1.1). */
  int signed() {
    int code = unsigned();
    return (code & 1) == 1 ? (code + 1) / 2 : -(code / 2);
  }
}
