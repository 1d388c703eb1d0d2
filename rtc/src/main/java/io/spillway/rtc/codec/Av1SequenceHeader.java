package io.spillway.rtc.codec;

/** Reads the largest picture size of an AV1 sequence header (AV1 specification 5.5). */
final class Av1SequenceHeader {
  private final BitReader bits = new BitReader();
  private boolean stillPicture;
  private int delayBits;
  private boolean decoderModel;
  private int width;
  private int height;

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** Whether frame headers are reduced (single still pictures). */
  boolean stillPicture() {
    return stillPicture;
  }

  /** Parses the header's payload; false when it is cut short. */
  boolean parse(byte[] data, int offset, int length) {
    bits.start(data, offset, length, false);
    bits.skip(4);
    stillPicture = bits.flag();
    if (stillPicture) {
      bits.skip(5);
    } else {
      skipTiming();
      skipOperatingPoints();
    }
    int widthBits = (int) bits.bits(4) + 1;
    int heightBits = (int) bits.bits(4) + 1;
    width = (int) bits.bits(widthBits) + 1;
    height = (int) bits.bits(heightBits) + 1;
    return !bits.overrun();
  }

  private void skipTiming() {
    decoderModel = false;
    if (bits.flag()) {
      bits.skip(64);
      if (bits.flag()) {
        bits.unsignedGolomb(); // uvlc has the same shape
      }
      decoderModel = bits.flag();
      if (decoderModel) {
        delayBits = (int) bits.bits(5) + 1;
        bits.skip(32 + 5 + 5);
      }
    }
  }

  private void skipOperatingPoints() {
    boolean displayDelay = bits.flag();
    int points = (int) bits.bits(5) + 1;
    for (int i = 0; i < points; i++) {
      bits.skip(12);
      if (bits.bits(5) > 7) {
        bits.skip(1);
      }
      if (decoderModel && bits.flag()) {
        bits.skip(2 * delayBits + 1);
      }
      if (displayDelay && bits.flag()) {
        bits.skip(4);
      }
    }
  }
}
