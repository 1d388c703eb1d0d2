package io.spillway.media.bitstream;

/** Picture sizes in VP8 (RFC 6386, 9.1) and VP9 (bitstream specification, 6.2 and 7.2) frames. */
public final class VpxHeaders {
  private static final int VP9_SYNC_CODE = 0x498342;

  private VpxHeaders() {}

  /** The size a VP8 key frame tells. */
  public static PictureSize vp8(byte[] data, int offset, int length) {
    boolean key = length >= 10 && (data[offset] & 1) == 0;
    if (!key
        || (data[offset + 3] & 0xff) != 0x9d
        || data[offset + 4] != 1
        || data[offset + 5] != 0x2a) {
      return PictureSize.UNKNOWN;
    }
    return new PictureSize(
        little14(data, offset + 6), little14(data, offset + 8)); // upper two bits: upscaling
  }

  private static int little14(byte[] data, int at) {
    return (data[at] & 0xff) | (data[at + 1] & 0x3f) << 8;
  }

  /**
   * The size a VP9 key picture tells; of several spatial layers in a superframe with an index
   * (Annex B) the largest, which is the one that is shown.
   */
  public static PictureSize vp9(byte[] data, int offset, int length) {
    if (length < 1) {
      return PictureSize.UNKNOWN;
    }
    int marker = data[offset + length - 1] & 0xff;
    int layers = (marker & 7) + 1;
    int sizeBytes = ((marker >> 3) & 3) + 1;
    int indexBytes = 2 + layers * sizeBytes;
    boolean indexed =
        (marker & 0xe0) == 0xc0
            && length > indexBytes
            && (data[offset + length - indexBytes] & 0xff) == marker;
    if (!indexed) {
      return vp9Frame(data, offset, length);
    }
    PictureSize largest = PictureSize.UNKNOWN;
    int at = offset;
    int index = offset + length - indexBytes + 1;
    for (int layer = 0; layer < layers; layer++) {
      int size = 0;
      for (int i = 0; i < sizeBytes; i++) {
        size |= (data[index++] & 0xff) << (8 * i);
      }
      if (size < 0 || size > offset + length - indexBytes - at) {
        break;
      }
      largest = largest.max(vp9Frame(data, at, size));
      at += size;
    }
    return largest;
  }

  private static PictureSize vp9Frame(byte[] data, int offset, int length) {
    BitReader in = new BitReader(data, offset, length);
    if (in.bits(2) != 2) {
      return PictureSize.UNKNOWN;
    }
    int profile = in.bits(1) | in.bits(1) << 1;
    if (profile == 3) {
      in.skip(1);
    }
    if (in.flag()) {
      return PictureSize.UNKNOWN; // shows a frame that is there already
    }
    boolean inter = in.flag();
    boolean shown = in.flag();
    boolean errorResilient = in.flag();
    return inter ? vp9Inter(in, profile, shown, errorResilient) : vp9Key(in, profile);
  }

  private static PictureSize vp9Key(BitReader in, int profile) {
    if (in.bits(24) != VP9_SYNC_CODE) {
      return PictureSize.UNKNOWN;
    }
    colour(in, profile);
    return size(in);
  }

  /** An upper spatial layer of a key picture is predicted from the lower one: an inter frame. */
  private static PictureSize vp9Inter(
      BitReader in, int profile, boolean shown, boolean errorResilient) {
    boolean intraOnly = !shown && in.flag();
    if (!errorResilient) {
      in.skip(2);
    }
    if (intraOnly) {
      if (in.bits(24) != VP9_SYNC_CODE) {
        return PictureSize.UNKNOWN;
      }
      if (profile > 0) {
        colour(in, profile);
      }
      in.skip(8);
      return size(in);
    }
    in.skip(8 + 3 * 4);
    for (int reference = 0; reference < 3; reference++) {
      if (in.flag()) {
        return PictureSize.UNKNOWN; // as large as a picture before it
      }
    }
    return size(in);
  }

  private static void colour(BitReader in, int profile) {
    if (profile >= 2) {
      in.skip(1);
    }
    boolean rgb = in.bits(3) == 7;
    if (!rgb) {
      in.skip(1);
    }
    if (profile == 1 || profile == 3) {
      in.skip(rgb ? 1 : 3);
    }
  }

  private static PictureSize size(BitReader in) {
    int width = in.bits(16) + 1;
    int height = in.bits(16) + 1;
    return in.overrun() ? PictureSize.UNKNOWN : new PictureSize(width, height);
  }
}
