package io.spillway.media.ogg;

import java.util.Arrays;

/**
 * One Ogg page being filled (RFC 3533, section 6). The header is written right in front of the body
 * when the page is complete, so nothing is copied twice; the buffer grows to what the stream's
 * pages need and is reused. Only whole packets: the largest Opus packet fits into a page.
 */
final class OggPage {
  static final int HEADER = 27;
  static final int MAX_SEGMENTS = 255;
  static final int FIRST = 2;
  static final int LAST = 4;
  private static final int BODY = HEADER + MAX_SEGMENTS;
  private static final int[] CRC = crcTable();

  private final int serial;
  private final byte[] lacing = new byte[MAX_SEGMENTS];
  private byte[] bytes = new byte[BODY + 4096];
  private int end = BODY;
  private int segments;
  private int start = BODY;

  OggPage(int serial) {
    this.serial = serial;
  }

  int serial() {
    return serial;
  }

  boolean empty() {
    return segments == 0;
  }

  /** Whether a whole packet of that length still fits. */
  boolean fits(int length) {
    return segments + length / 255 + 1 <= MAX_SEGMENTS;
  }

  void add(byte[] data, int offset, int length) {
    if (bytes.length - end < length) {
      bytes = Arrays.copyOf(bytes, Math.max(end + length, bytes.length * 2));
    }
    System.arraycopy(data, offset, bytes, end, length);
    end += length;
    int left = length;
    for (; left >= 255; left -= 255) {
      lacing[segments++] = (byte) 255;
    }
    lacing[segments++] = (byte) left;
  }

  /** Completes the page; {@link #bytes} from {@link #start}, {@link #length} long, is it. */
  void complete(int flags, long granule, int number) {
    start = BODY - segments - HEADER;
    System.arraycopy(lacing, 0, bytes, BODY - segments, segments);
    writeHeader(flags, granule, number);
    int crc = crc(bytes, start, length());
    little(start + 22, crc, 4);
  }

  byte[] bytes() {
    return bytes;
  }

  int start() {
    return start;
  }

  int length() {
    return end - start;
  }

  void clear() {
    end = BODY;
    start = BODY;
    segments = 0;
  }

  private void writeHeader(int flags, long granule, int number) {
    bytes[start] = 'O';
    bytes[start + 1] = 'g';
    bytes[start + 2] = 'g';
    bytes[start + 3] = 'S';
    bytes[start + 4] = 0;
    bytes[start + 5] = (byte) flags;
    little(start + 6, granule, 8);
    little(start + 14, serial, 4);
    little(start + 18, number, 4);
    little(start + 22, 0, 4);
    bytes[start + 26] = (byte) segments;
  }

  private void little(int at, long value, int count) {
    for (int i = 0; i < count; i++) {
      bytes[at + i] = (byte) (value >> (8 * i));
    }
  }

  /** The page checksum, its own field taken as zero: polynomial 0x04c11db7, not reflected. */
  static int crc(byte[] data, int offset, int length) {
    int crc = 0;
    for (int i = offset; i < offset + length; i++) {
      crc = (crc << 8) ^ CRC[((crc >>> 24) ^ data[i]) & 0xff];
    }
    return crc;
  }

  private static int[] crcTable() {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int value = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
      }
      table[i] = value;
    }
    return table;
  }
}
