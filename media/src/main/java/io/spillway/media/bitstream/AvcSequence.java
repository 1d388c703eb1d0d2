package io.spillway.media.bitstream;

import java.util.Set;

/**
 * What an MP4 needs of an H.264 sequence parameter set (H.264 7.3.2.1.1).
 *
 * @param chromaFormat chroma_format_idc
 * @param lumaDepth bits per sample
 * @param chromaDepth bits per sample
 */
public record AvcSequence(PictureSize size, int chromaFormat, int lumaDepth, int chromaDepth) {
  private static final Set<Integer> WITH_CHROMA_FORMAT =
      Set.of(100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135);

  /** Reads an SPS NAL unit, its header byte included. */
  public static AvcSequence of(byte[] sps) {
    BitReader in = BitReader.ofNal(sps, 1);
    int profile = in.bits(8);
    in.skip(16);
    in.unsigned();
    int chroma = 1;
    int luma = 8;
    int chromaDepth = 8;
    if (WITH_CHROMA_FORMAT.contains(profile)) {
      chroma = in.unsigned();
      if (chroma == 3) {
        in.skip(1);
      }
      luma = 8 + in.unsigned();
      chromaDepth = 8 + in.unsigned();
      in.skip(1);
      scalingLists(in, chroma);
    }
    in.unsigned();
    pictureOrder(in);
    in.unsigned();
    in.skip(1);
    return new AvcSequence(size(in, chroma), chroma, luma, chromaDepth);
  }

  private static void scalingLists(BitReader in, int chroma) {
    if (!in.flag()) {
      return;
    }
    int lists = chroma == 3 ? 12 : 8;
    for (int list = 0; list < lists; list++) {
      if (in.flag()) {
        scalingList(in, list < 6 ? 16 : 64);
      }
    }
  }

  private static void scalingList(BitReader in, int entries) {
    int last = 8;
    int next = 8;
    for (int i = 0; i < entries; i++) {
      if (next != 0) {
        next = (last + in.signed() + 256) & 255;
      }
      last = next == 0 ? last : next;
    }
  }

  private static void pictureOrder(BitReader in) {
    int type = in.unsigned();
    if (type == 0) {
      in.unsigned();
    } else if (type == 1) {
      in.skip(1);
      in.signed();
      in.signed();
      int cycle = Math.min(in.unsigned(), 255);
      for (int i = 0; i < cycle; i++) {
        in.signed();
      }
    }
  }

  private static PictureSize size(BitReader in, int chroma) {
    int width = (in.unsigned() + 1) * 16;
    int mapHeight = (in.unsigned() + 1) * 16;
    boolean framesOnly = in.flag();
    if (!framesOnly) {
      in.skip(1);
    }
    int height = framesOnly ? mapHeight : mapHeight * 2;
    in.skip(1);
    if (in.flag()) {
      int unitX = chroma == 1 || chroma == 2 ? 2 : 1;
      int unitY = (chroma == 1 ? 2 : 1) * (framesOnly ? 1 : 2);
      width -= (in.unsigned() + in.unsigned()) * unitX;
      height -= (in.unsigned() + in.unsigned()) * unitY;
    }
    boolean sane = width > 0 && height > 0 && width <= 65535 && height <= 65535 && !in.overrun();
    return sane ? new PictureSize(width, height) : PictureSize.UNKNOWN;
  }
}
