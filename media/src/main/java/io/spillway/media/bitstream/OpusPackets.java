package io.spillway.media.bitstream;

/** What the first bytes of an Opus packet tell (RFC 6716, section 3.1 and 3.2). No state. */
public final class OpusPackets {
  /** Longest packet the RFC allows: 120 ms. */
  public static final int MAX_TICKS = 5760;

  private static final int[] SILK_TICKS = {480, 960, 1920, 2880};

  private OpusPackets() {}

  /** Duration in 48 kHz ticks; 0 for a packet that isn't valid. */
  public static int durationTicks(byte[] data, int offset, int length) {
    if (length < 1) {
      return 0;
    }
    int toc = data[offset] & 0xff;
    int ticks = frameTicks(toc >> 3) * frameCount(toc & 3, data, offset, length);
    return ticks <= MAX_TICKS ? ticks : 0;
  }

  /** Whether the packet carries two channels. */
  public static boolean stereo(byte[] data, int offset) {
    return (data[offset] & 4) != 0;
  }

  private static int frameTicks(int config) {
    if (config < 12) {
      return SILK_TICKS[config & 3];
    }
    if (config < 16) {
      return (config & 1) == 0 ? 480 : 960;
    }
    return 120 << (config & 3);
  }

  private static int frameCount(int code, byte[] data, int offset, int length) {
    return switch (code) {
      case 0 -> 1;
      case 1, 2 -> 2;
      default -> length > 1 ? data[offset + 1] & 63 : 0;
    };
  }
}
