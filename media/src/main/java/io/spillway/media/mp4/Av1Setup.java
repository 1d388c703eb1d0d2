package io.spillway.media.mp4;

import io.spillway.media.GrowingBytes;
import io.spillway.media.bitstream.Av1Sequence;
import io.spillway.media.bitstream.PictureSize;
import java.util.Arrays;
import java.util.Optional;

/**
 * AV1: the sequence header goes into {@code av1C}, and stays in the samples as the format allows.
 */
final class Av1Setup extends DecoderSetup {
  private final PictureSize announced;
  private byte[] header = new byte[0];

  Av1Setup(PictureSize announced) {
    this.announced = announced;
  }

  @Override
  Optional<byte[]> newEntryBox(byte[] data, int offset, int length) {
    long found = Av1Sequence.find(data, offset, length);
    int start = (int) (found >> 32);
    int end = (int) found;
    if (found < 0 || Arrays.equals(data, start, end, header, 0, header.length)) {
      return Optional.empty();
    }
    header = Arrays.copyOfRange(data, start, end);
    Av1Sequence sequence = Av1Sequence.of(header);
    GrowingBytes out = new GrowingBytes(256);
    Boxes boxes = new Boxes(out);
    visualEntry(boxes, out, "av01", sequence.size().known() ? sequence.size() : announced);
    boxes.begin("av1C").bytes(sequence.configuration()).bytes(header);
    boxes.end();
    boxes.end();
    return Optional.of(out.copy());
  }

  @Override
  void writeSample(GrowingBytes out, byte[] data, int offset, int length, boolean bare) {
    out.bytes(data, offset, length);
  }
}
