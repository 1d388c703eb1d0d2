package io.spillway.media.mp4;

import io.spillway.media.GrowingBytes;

/** Writes nested MP4 boxes (ISO/IEC 14496-12, 4.2): sizes are filled in as boxes are closed. */
final class Boxes {
  private static final int MAX_DEPTH = 16;

  private final GrowingBytes out;
  private final int[] open = new int[MAX_DEPTH];
  private int depth;

  Boxes(GrowingBytes out) {
    this.out = out;
  }

  /** The four characters of a type as a number. */
  static int type(String name) {
    return name.charAt(0) << 24 | name.charAt(1) << 16 | name.charAt(2) << 8 | name.charAt(3);
  }

  GrowingBytes begin(int type) {
    open[depth++] = out.size();
    return out.u32(0).u32(type);
  }

  GrowingBytes begin(String type) {
    return begin(type(type));
  }

  /** A full box: with version and flags. */
  GrowingBytes begin(String type, int version, int flags) {
    return begin(type).u32((long) version << 24 | flags);
  }

  void end() {
    int start = open[--depth];
    out.patchU32(start, out.size() - start);
  }
}
