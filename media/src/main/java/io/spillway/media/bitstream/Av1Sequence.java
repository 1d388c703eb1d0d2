package io.spillway.media.bitstream;

/**
 * An AV1 sequence header: where it lies in a temporal unit and the four bytes that an {@code av1C}
 * starts with (AV1 specification 5.5; "AV1 Codec ISO Media File Format Binding" 2.3).
 *
 * @param configuration the fixed part of AV1CodecConfigurationRecord
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by agreement, never compared
public record Av1Sequence(PictureSize size, byte[] configuration) {
  private static final int SEQUENCE_HEADER = 1;

  /** Where the whole OBU with the sequence header starts and ends; {@code -1} packed for none. */
  public static long find(byte[] data, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      int header = data[at] & 0xff;
      int headerBytes = (header & 4) != 0 ? 2 : 1;
      if ((header & 2) == 0) {
        return -1; // no size: the rest is one OBU, which Frame's shape rules out
      }
      long size = 0;
      int sizeAt = at + headerBytes;
      int sizeBytes = 0;
      while (sizeBytes < 8 && sizeAt + sizeBytes < end) {
        int b = data[sizeAt + sizeBytes] & 0xff;
        size |= (long) (b & 0x7f) << (7 * sizeBytes);
        sizeBytes++;
        if ((b & 0x80) == 0) {
          break;
        }
      }
      long next = (long) sizeAt + sizeBytes + size;
      if (next > end) {
        return -1;
      }
      if (((header >> 3) & 15) == SEQUENCE_HEADER) {
        return (long) at << 32 | next;
      }
      at = (int) next;
    }
    return -1;
  }

  /** Reads a whole sequence header OBU, with its header and size field. */
  public static Av1Sequence of(byte[] obu) {
    int at = (obu[0] & 4) != 0 ? 2 : 1;
    while (at < obu.length && (obu[at] & 0x80) != 0) {
      at++;
    }
    at++;
    BitReader in = new BitReader(obu, at, Math.max(0, obu.length - at));
    int profile = in.bits(3);
    in.skip(1);
    boolean reduced = in.flag();
    int levelAndTier = reduced ? in.bits(5) << 1 : operatingPoints(in);
    int widthBits = in.bits(4) + 1;
    int heightBits = in.bits(4) + 1;
    PictureSize size = new PictureSize(in.bits(widthBits) + 1, in.bits(heightBits) + 1);
    tools(in, reduced);
    int colour = colour(in, profile);
    byte[] configuration = {
      (byte) 0x81,
      (byte) (profile << 5 | levelAndTier >> 1),
      (byte) ((levelAndTier & 1) << 7 | colour),
      0
    };
    return new Av1Sequence(in.overrun() ? PictureSize.UNKNOWN : size, configuration);
  }

  /** The first operating point's level and, in the lowest bit, tier. */
  private static int operatingPoints(BitReader in) {
    int delayBits = 0;
    if (in.flag()) {
      in.skip(64);
      if (in.flag()) {
        in.unsigned();
      }
      if (in.flag()) {
        delayBits = in.bits(5) + 1;
        in.skip(32 + 5 + 5);
      }
    }
    boolean displayDelay = in.flag();
    int points = in.bits(5) + 1;
    int first = 0;
    for (int point = 0; point < points; point++) {
      in.skip(12);
      int level = in.bits(5);
      int tier = level > 7 ? in.bits(1) : 0;
      if (point == 0) {
        first = level << 1 | tier;
      }
      if (delayBits > 0 && in.flag()) {
        in.skip(2 * delayBits + 1);
      }
      if (displayDelay && in.flag()) {
        in.skip(4);
      }
    }
    return first;
  }

  private static void tools(BitReader in, boolean reduced) {
    if (!reduced && in.flag()) {
      in.skip(4 + 3);
    }
    in.skip(3);
    if (!reduced) {
      in.skip(4);
      boolean orderHint = in.flag();
      if (orderHint) {
        in.skip(2);
      }
      boolean chosenPerFrame = in.flag();
      boolean screenTools = chosenPerFrame || in.flag();
      if (screenTools && !in.flag()) {
        in.skip(1);
      }
      if (orderHint) {
        in.skip(3);
      }
    }
    in.skip(3);
  }

  /** Third byte of av1C from high_bitdepth to chroma_sample_position. */
  private static int colour(BitReader in, int profile) {
    boolean deep = in.flag();
    boolean twelve = profile == 2 && deep && in.flag();
    boolean mono = profile != 1 && in.flag();
    boolean identity = false;
    if (in.flag()) {
      int primaries = in.bits(8);
      int transfer = in.bits(8);
      identity = primaries == 1 && transfer == 13 && in.bits(8) == 0;
      if (!(primaries == 1 && transfer == 13)) {
        in.skip(8);
      }
    }
    int base = (deep ? 0x40 : 0) | (twelve ? 0x20 : 0) | (mono ? 0x10 : 0);
    if (mono) {
      return base | 0x0c;
    }
    if (identity) {
      return base;
    }
    in.skip(1);
    return base | subsampling(in, profile, twelve);
  }

  private static int subsampling(BitReader in, int profile, boolean twelve) {
    boolean x = profile != 1;
    boolean y = profile == 0;
    if (twelve) {
      x = in.flag();
      y = x && in.flag();
    }
    int position = x && y ? in.bits(2) : 0;
    return (x ? 8 : 0) | (y ? 4 : 0) | position;
  }
}
