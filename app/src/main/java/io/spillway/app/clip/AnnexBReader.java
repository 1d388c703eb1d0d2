package io.spillway.app.clip;

import io.spillway.app.clip.Clip.ClipFrame;
import io.spillway.core.media.Codec;
import io.spillway.media.bitstream.AvcSequence;
import io.spillway.media.bitstream.HevcSequence;
import io.spillway.media.bitstream.PictureSize;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * H.264 and H.265 byte streams (their Annex B): NAL units behind start codes, put together into
 * pictures. The stream carries no times: 30 pictures a second are played, in the order in which
 * they stand, so a clip must have been made without B-frames.
 */
final class AnnexBReader {
  private static final int TICKS_PER_PICTURE = 3000;

  private final boolean h265;
  private final List<ClipFrame> frames = new ArrayList<>();
  private final ByteArrayOutputStream picture = new ByteArrayOutputStream();
  private PictureSize size = PictureSize.UNKNOWN;
  private boolean hasSlice;
  private boolean key;

  private AnnexBReader(boolean h265) {
    this.h265 = h265;
  }

  static Clip read(byte[] file, Codec codec) {
    AnnexBReader reader = new AnnexBReader(codec == Codec.H265);
    int at = nextStart(file, 0);
    require(at == 0 || at == 1, "no start code at its beginning");
    while (at < file.length) {
      int from = at + 3;
      at = nextStart(file, from);
      reader.unit(Arrays.copyOfRange(file, from, withoutZeros(file, from, at)));
    }
    reader.endPicture();
    long duration = (long) reader.frames.size() * TICKS_PER_PICTURE;
    return new Clip(codec, reader.frames, duration, reader.size.width(), reader.size.height(), 0);
  }

  /** Where the next 00 00 01 stands; the file's end where none does. */
  private static int nextStart(byte[] file, int from) {
    for (int i = from; i + 2 < file.length; i++) {
      if (file[i] == 0 && file[i + 1] == 0 && file[i + 2] == 1) {
        return i;
      }
    }
    return file.length;
  }

  /** Zeros before a start code belong to it (four-byte ones) or are padding. */
  private static int withoutZeros(byte[] file, int from, int end) {
    int last = end;
    while (last > from && file[last - 1] == 0) {
      last--;
    }
    return last;
  }

  private void unit(byte[] nal) {
    if (nal.length < (h265 ? 3 : 2)) {
      return;
    }
    int type = h265 ? nal[0] >> 1 & 0x3f : nal[0] & 0x1f;
    boolean slice = h265 ? type < 32 : type >= 1 && type <= 5;
    // First bit behind the header: first_slice_segment_in_pic_flag (H.265 7.3.6.1), or
    // first_mb_in_slice of 0 as Exp-Golomb code (H.264 7.3.3).
    boolean first = slice && (nal[h265 ? 2 : 1] & 0x80) != 0;
    if (hasSlice && (first || !slice)) {
      endPicture();
    }
    if (type == (h265 ? 35 : 9)) {
      return; // access unit delimiters: RTP's marker bit does their job
    }
    if (type == (h265 ? 33 : 7)) {
      size = h265 ? HevcSequence.of(nal).size() : AvcSequence.of(nal).size();
    }
    key |= h265 ? type >= 16 && type <= 21 : type == 5;
    hasSlice |= slice;
    picture.writeBytes(ByteBuffer.allocate(4).putInt(nal.length).array());
    picture.writeBytes(nal);
  }

  private void endPicture() {
    if (hasSlice) {
      frames.add(
          new ClipFrame((long) frames.size() * TICKS_PER_PICTURE, key, picture.toByteArray()));
      picture.reset();
      hasSlice = false;
      key = false;
    }
  }

  private static void require(boolean right, String otherwise) {
    if (!right) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
