package io.spillway.media.ogg;

/**
 * Opus packets that decode to silence: CELT, full band, an empty range coder (RFC 6716, 4.3; the
 * three bytes libopus itself emits for digital silence). The TOC byte carries duration and channel
 * count.
 */
@SuppressWarnings("ImmutableEnumChecker") // the arrays are only read
enum OpusSilence {
  TWENTY_MILLIS(960, 31),
  TEN_MILLIS(480, 30),
  FIVE_MILLIS(240, 29),
  TWO_AND_A_HALF_MILLIS(120, 28);

  static final int LENGTH = 3;

  /** Duration at 48 kHz. */
  final int ticks;

  private final byte[] mono;
  private final byte[] stereo;

  OpusSilence(int ticks, int config) {
    this.ticks = ticks;
    this.mono = new byte[] {(byte) (config << 3), (byte) 0xff, (byte) 0xfe};
    this.stereo = new byte[] {(byte) (config << 3 | 4), (byte) 0xff, (byte) 0xfe};
  }

  byte[] packet(boolean twoChannels) {
    return twoChannels ? stereo : mono;
  }
}
