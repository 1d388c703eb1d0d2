package io.spillway.media.mp4;

import io.spillway.core.media.Codec;
import io.spillway.media.GrowingBytes;
import io.spillway.media.bitstream.PictureSize;
import java.util.Optional;

/**
 * Watches a stream for what a decoder must know beforehand (parameter sets, sequence headers) and
 * makes sample entries of it. One per file; not thread-safe.
 */
abstract sealed class DecoderSetup permits NalSetup, Av1Setup {
  private Optional<SampleEntry> entry = Optional.empty();

  static DecoderSetup of(Codec codec, PictureSize announced) {
    return switch (codec) {
      case H264 -> new NalSetup(false, announced);
      case H265 -> new NalSetup(true, announced);
      case AV1 -> new Av1Setup(announced);
      default -> throw new IllegalArgumentException(codec + " doesn't go into MP4");
    };
  }

  /** Looks at a frame; true if what follows, this frame included, needs a new sample entry. */
  boolean changed(byte[] data, int offset, int length) {
    Optional<byte[]> box = newEntryBox(data, offset, length);
    if (box.isPresent()) { // no lambda: it would be an object per frame
      entry = Optional.of(SampleEntry.of(box.get()));
    }
    return box.isPresent();
  }

  /** The present sample entry, once the stream has told enough for one. */
  Optional<SampleEntry> entry() {
    return entry;
  }

  abstract Optional<byte[]> newEntryBox(byte[] data, int offset, int length);

  /**
   * Writes a frame as a sample.
   *
   * @param bare leave out parameter sets: they are in the file's one sample entry
   */
  abstract void writeSample(GrowingBytes out, byte[] data, int offset, int length, boolean bare);

  /** The fields of a VisualSampleEntry up to the decoder's own box (14496-12, 12.1.3.2). */
  static void visualEntry(Boxes boxes, GrowingBytes out, String type, PictureSize size) {
    boxes.begin(type).zeros(6).u16(1).zeros(16);
    out.u16(size.width()).u16(size.height());
    out.u32(0x480000).u32(0x480000).u32(0).u16(1).zeros(32).u16(24).u16(0xffff);
  }
}
