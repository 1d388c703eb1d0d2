package io.spillway.media.webm;

import io.spillway.media.GrowingBytes;

/** EBML elements (RFC 8794): ids with their marker bits, sizes as variable integers. No state. */
final class Ebml {
  static final int HEADER = 0x1a45dfa3;
  static final int VOID = 0xec;
  static final int SEGMENT = 0x18538067;
  static final int SEEK_HEAD = 0x114d9b74;
  static final int SEEK = 0x4dbb;
  static final int SEEK_ID = 0x53ab;
  static final int SEEK_POSITION = 0x53ac;
  static final int INFO = 0x1549a966;
  static final int TIMESTAMP_SCALE = 0x2ad7b1;
  static final int MUXING_APP = 0x4d80;
  static final int WRITING_APP = 0x5741;
  static final int DURATION = 0x4489;
  static final int TRACKS = 0x1654ae6b;
  static final int TRACK_ENTRY = 0xae;
  static final int TRACK_NUMBER = 0xd7;
  static final int TRACK_UID = 0x73c5;
  static final int TRACK_TYPE = 0x83;
  static final int FLAG_LACING = 0x9c;
  static final int CODEC_ID = 0x86;
  static final int CODEC_PRIVATE = 0x63a2;
  static final int VIDEO = 0xe0;
  static final int PIXEL_WIDTH = 0xb0;
  static final int PIXEL_HEIGHT = 0xba;
  static final int CLUSTER = 0x1f43b675;
  static final int TIMESTAMP = 0xe7;
  static final int SIMPLE_BLOCK = 0xa3;
  static final int CUES = 0x1c53bb6b;
  static final int CUE_POINT = 0xbb;
  static final int CUE_TIME = 0xb3;
  static final int CUE_TRACK_POSITIONS = 0xb7;
  static final int CUE_TRACK = 0xf7;
  static final int CUE_CLUSTER_POSITION = 0xf1;

  /** An eight-byte size with all value bits set: unknown, the element goes on. */
  static final long UNKNOWN_SIZE = 0x01ffffffffffffffL;

  /** Marks an eight-byte size. */
  static final long SIZE8 = 0x0100000000000000L;

  private Ebml() {}

  static void id(GrowingBytes out, int id) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      if (shift == 0 || id >>> shift != 0) {
        out.u8(id >>> shift);
      }
    }
  }

  static void size(GrowingBytes out, long size) {
    int bytes = 1;
    while (size >= (1L << (7 * bytes)) - 1) {
      bytes++;
    }
    long marked = size | 1L << (7 * bytes);
    for (int i = bytes - 1; i >= 0; i--) {
      out.u8((int) (marked >>> (8 * i)));
    }
  }

  static void number(GrowingBytes out, int id, long value) {
    int bytes = 1;
    while (bytes < 8 && value >>> (8 * bytes) != 0) {
      bytes++;
    }
    id(out, id);
    size(out, bytes);
    for (int i = bytes - 1; i >= 0; i--) {
      out.u8((int) (value >>> (8 * i)));
    }
  }

  static void text(GrowingBytes out, int id, String ascii) {
    id(out, id);
    size(out, ascii.length());
    out.ascii(ascii);
  }

  static void binary(GrowingBytes out, int id, byte[] data) {
    id(out, id);
    size(out, data.length);
    out.bytes(data);
  }

  static void decimal(GrowingBytes out, int id, double value) {
    id(out, id);
    size(out, 8);
    out.u64(Double.doubleToLongBits(value));
  }

  static void master(GrowingBytes out, int id, GrowingBytes children) {
    id(out, id);
    size(out, children.size());
    out.bytes(children.array(), 0, children.size());
  }

  /** Room of exactly {@code total} bytes, at least 2 and at most 128. */
  static void room(GrowingBytes out, int total) {
    id(out, VOID);
    size(out, total - 2);
    out.zeros(total - 2);
  }
}
