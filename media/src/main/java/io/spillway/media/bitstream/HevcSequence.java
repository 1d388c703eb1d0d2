package io.spillway.media.bitstream;

/**
 * What an MP4 needs of an H.265 sequence parameter set (H.265 7.3.2.2).
 *
 * @param profileTierLevel the 12 bytes from general_profile_space to general_level_idc
 * @param temporalLayers sps_max_sub_layers_minus1 + 1
 * @param chromaFormat chroma_format_idc
 * @param lumaDepth bits per sample
 * @param chromaDepth bits per sample
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by agreement, never compared
public record HevcSequence(
    PictureSize size,
    byte[] profileTierLevel,
    int temporalLayers,
    boolean temporalNesting,
    int chromaFormat,
    int lumaDepth,
    int chromaDepth) {

  /** Reads an SPS NAL unit, its two header bytes included. */
  public static HevcSequence of(byte[] sps) {
    BitReader in = BitReader.ofNal(sps, 2);
    in.skip(4);
    int subLayers = in.bits(3);
    boolean nesting = in.flag();
    byte[] level = new byte[12];
    for (int i = 0; i < level.length; i++) {
      level[i] = (byte) in.bits(8);
    }
    skipSubLayers(in, subLayers);
    in.unsigned();
    int chroma = in.unsigned();
    if (chroma == 3) {
      in.skip(1);
    }
    PictureSize size = size(in, chroma);
    int luma = 8 + in.unsigned();
    int chromaDepth = 8 + in.unsigned();
    PictureSize known = in.overrun() ? PictureSize.UNKNOWN : size;
    return new HevcSequence(known, level, subLayers + 1, nesting, chroma, luma, chromaDepth);
  }

  private static void skipSubLayers(BitReader in, int subLayers) {
    if (subLayers == 0) {
      return;
    }
    int bits = 0;
    for (int layer = 0; layer < 8; layer++) {
      boolean profile = in.flag();
      boolean level = in.flag();
      if (layer < subLayers) {
        bits += (profile ? 88 : 0) + (level ? 8 : 0);
      }
    }
    in.skip(bits);
  }

  private static PictureSize size(BitReader in, int chroma) {
    int width = in.unsigned();
    int height = in.unsigned();
    if (in.flag()) {
      int unitX = chroma == 1 || chroma == 2 ? 2 : 1;
      int unitY = chroma == 1 ? 2 : 1;
      width -= (in.unsigned() + in.unsigned()) * unitX;
      height -= (in.unsigned() + in.unsigned()) * unitY;
    }
    boolean sane = width > 0 && height > 0 && width <= 65535 && height <= 65535;
    return sane ? new PictureSize(width, height) : PictureSize.UNKNOWN;
  }
}
