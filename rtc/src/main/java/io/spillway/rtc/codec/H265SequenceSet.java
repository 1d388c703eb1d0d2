package io.spillway.rtc.codec;

/** Reads id and picture size of an H.265 sequence parameter set (H.265 7.3.2.2). */
final class H265SequenceSet {
  private static final int MAX_SIZE = 1 << 14;
  private static final int PROFILE_BITS = 88;
  private static final int LEVEL_BITS = 8;

  private final BitReader bits = new BitReader();
  private long id;
  private int width;
  private int height;

  /** Size of the last set that was parsed, in luma samples inside the conformance window. */
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
    return bits.start(data, offset + 2, length - 2, true).unsignedGolomb();
  }

  /** Parses a NAL unit with its header; false, and nothing changed, when it makes no sense. */
  boolean parse(byte[] data, int offset, int length) {
    bits.start(data, offset + 2, length - 2, true);
    bits.skip(4);
    int subLayers = (int) bits.bits(3);
    bits.skip(1);
    skipProfile(subLayers);
    final long newId = bits.unsignedGolomb();
    long chroma = bits.unsignedGolomb();
    boolean separatePlanes = chroma == 3 && bits.flag();
    long newWidth = bits.unsignedGolomb();
    long newHeight = bits.unsignedGolomb();
    if (bits.flag()) {
      int cropX = !separatePlanes && (chroma == 1 || chroma == 2) ? 2 : 1;
      int cropY = !separatePlanes && chroma == 1 ? 2 : 1;
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

  /** {@code profile_tier_level}, H.265 7.3.3: the general part, then those of the sub-layers. */
  private void skipProfile(int subLayers) {
    bits.skip(PROFILE_BITS + LEVEL_BITS);
    long present = bits.bits(2 * subLayers);
    if (subLayers > 0) {
      bits.skip(2 * (8 - subLayers));
    }
    for (int i = 2 * subLayers - 2; i >= 0; i -= 2) {
      if (((present >> (i + 1)) & 1) != 0) {
        bits.skip(PROFILE_BITS);
      }
      if (((present >> i) & 1) != 0) {
        bits.skip(LEVEL_BITS);
      }
    }
  }
}
