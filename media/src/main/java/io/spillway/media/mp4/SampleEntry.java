package io.spillway.media.mp4;

import io.spillway.media.bitstream.PictureSize;

/**
 * How a stretch of samples is decoded: a whole {@code avc1}, {@code hvc1} or {@code av01} box.
 *
 * @param box read-only by agreement
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SampleEntry(byte[] box, PictureSize size) {
  /** Width and height lie at fixed places of a VisualSampleEntry (14496-12, 12.1.3). */
  static SampleEntry of(byte[] box) {
    return new SampleEntry(box, new PictureSize(u16(box, 32), u16(box, 34)));
  }

  private static int u16(byte[] box, int at) {
    return at + 1 < box.length ? (box[at] & 0xff) << 8 | (box[at + 1] & 0xff) : 0;
  }
}
