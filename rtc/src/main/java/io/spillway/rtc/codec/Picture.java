package io.spillway.rtc.codec;

import java.util.Arrays;

/**
 * The picture being put together: its bytes so far and what its headers told. Reused for each
 * picture of a stream; grows to the largest one seen, up to {@link #MAX_BYTES}.
 */
final class Picture {
  /** Far above any real picture (8K intra frames stay below 4 MiB); beyond it is an attack. */
  static final int MAX_BYTES = 8 << 20;

  private static final int FIRST_BYTES = 8 << 10;

  byte[] data = new byte[0];
  int length;
  boolean key;
  int width;
  int height;

  void clear() {
    length = 0;
    key = false;
    width = 0;
    height = 0;
  }

  /** Adds bytes at the end; false when the picture would grow too large. */
  boolean append(byte[] source, int offset, int count) {
    if (!reserve(count)) {
      return false;
    }
    System.arraycopy(source, offset, data, length, count);
    length += count;
    return true;
  }

  /** Adds one byte at the end; false when the picture would grow too large. */
  boolean append(int value) {
    if (!reserve(1)) {
      return false;
    }
    data[length++] = (byte) value;
    return true;
  }

  /** Opens a hole of {@code count} bytes at {@code at}; false when that grows too large. */
  boolean insert(int at, int count) {
    if (!reserve(count)) {
      return false;
    }
    System.arraycopy(data, at, data, at + count, length - at);
    length += count;
    return true;
  }

  /** Writes a 32-bit number, big-endian, over what is there. */
  void putInt(int at, int value) {
    data[at] = (byte) (value >> 24);
    data[at + 1] = (byte) (value >> 16);
    data[at + 2] = (byte) (value >> 8);
    data[at + 3] = (byte) value;
  }

  private boolean reserve(int count) {
    int needed = length + count;
    if (needed > MAX_BYTES) {
      return false;
    }
    if (needed > data.length) {
      data = Arrays.copyOf(data, Math.max(Math.max(FIRST_BYTES, data.length * 2), needed));
    }
    return true;
  }
}
