package io.spillway.rtc.codec;

/** Reads id and picture size of an H.264 sequence parameter set (H.264 7.3.2.1.1). */
final class H264SequenceSet {
  private static final int MAX_SIZE = 1 << 14;
  private static final int MAX_POC_CYCLE = 255;

  private final BitReader bits = new BitReader();
  private long id;
  private int width;
  private int height;

  /** Size of the last set that was parsed, in luma samples after cropping. */
  int width() {
    return width;
  }

  int height() {
    return height;
  }

  long id() {
    return id;
  }

  /** Id of a picture parameter set. */
  long pictureSetId(byte[] data, int offset, int length) {
    return bits.start(data, offset + 1, length - 1, true).unsignedGolomb();
  }

  /** Parses a NAL unit with its header; false, and nothing changed, when it makes no sense. */
  boolean parse(byte[] data, int offset, int length) {
    bits.start(data, offset + 1, length - 1, true);
    int profile = (int) bits.bits(8);
    bits.skip(16);
    long newId = bits.unsignedGolomb();
    long chroma = 1;
    boolean separatePlanes = false;
    if (hasChromaInfo(profile)) {
      chroma = bits.unsignedGolomb();
      separatePlanes = chroma == 3 && bits.flag();
      bits.unsignedGolomb();
      bits.unsignedGolomb();
      bits.skip(1);
      if (bits.flag()) {
        skipScalingLists(chroma == 3 ? 12 : 8);
      }
    }
    bits.unsignedGolomb();
    if (!skipPictureOrder()) {
      return false;
    }
    bits.unsignedGolomb();
    bits.skip(1);
    long widthInBlocks = bits.unsignedGolomb() + 1;
    long heightInUnits = bits.unsignedGolomb() + 1;
    int fieldFactor = bits.flag() ? 1 : 2;
    if (fieldFactor == 2) {
      bits.skip(1);
    }
    bits.skip(1);
    long newWidth = widthInBlocks * 16;
    long newHeight = heightInUnits * 16 * fieldFactor;
    if (bits.flag()) {
      boolean planar = chroma == 0 || separatePlanes;
      int cropX = planar || chroma == 3 ? 1 : 2;
      int cropY = (planar || chroma != 1 ? 1 : 2) * fieldFactor;
      newWidth -= cropX * (bits.unsignedGolomb() + bits.unsignedGolomb());
      newHeight -= cropY * (bits.unsignedGolomb() + bits.unsignedGolomb());
    }
    if (bits.overrun()
        || newWidth <= 0
        || newHeight <= 0
        || newWidth > MAX_SIZE
        || newHeight > MAX_SIZE) {
      return false;
    }
    id = newId;
    width = (int) newWidth;
    height = (int) newHeight;
    return true;
  }

  private static boolean hasChromaInfo(int profile) {
    return switch (profile) {
      case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135 -> true;
      default -> false;
    };
  }

  private void skipScalingLists(int lists) {
    for (int i = 0; i < lists; i++) {
      if (bits.flag()) {
        int size = i < 6 ? 16 : 64;
        long last = 8;
        long next = 8;
        for (int j = 0; j < size && next != 0 && !bits.overrun(); j++) {
          next = last + bits.signedGolomb() & 0xff;
          last = next == 0 ? last : next;
        }
      }
    }
  }

  private boolean skipPictureOrder() {
    long type = bits.unsignedGolomb();
    if (type == 0) {
      bits.unsignedGolomb();
    } else if (type == 1) {
      bits.skip(1);
      bits.signedGolomb();
      bits.signedGolomb();
      long cycle = bits.unsignedGolomb();
      if (cycle > MAX_POC_CYCLE) {
        return false;
      }
      for (long i = 0; i < cycle; i++) {
        bits.signedGolomb();
      }
    }
    return true;
  }
}
