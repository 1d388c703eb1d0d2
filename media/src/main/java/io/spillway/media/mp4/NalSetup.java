package io.spillway.media.mp4;

import io.spillway.media.GrowingBytes;
import io.spillway.media.bitstream.AvcSequence;
import io.spillway.media.bitstream.HevcSequence;
import io.spillway.media.bitstream.PictureSize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * H.264 and H.265: parameter sets into {@code avcC} or {@code hvcC} (14496-15). Sets that a frame
 * brings replace those of their kind. They are left out of the samples while the file has a single
 * sample entry, as {@code avc1} and {@code hvc1} want it; after a change they stay in, so that the
 * fragments play before the index with all entries is written.
 */
final class NalSetup extends DecoderSetup {
  private static final int OTHER = -1;
  private static final int VPS = 0;
  private static final int SPS = 1;
  private static final int PPS = 2;
  private static final int MAX_SET_BYTES = 4096;
  private static final int MAX_SETS = 16;

  /** Header and fields of a VisualSampleEntry (14496-12, 12.1.3.2). */
  private static final int VISUAL_ENTRY_BYTES = 86;

  private final boolean hevc;
  private final PictureSize announced;
  private final List<List<byte[]>> sets =
      List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());

  NalSetup(boolean hevc, PictureSize announced) {
    this.hevc = hevc;
    this.announced = announced;
  }

  @Override
  Optional<byte[]> newEntryBox(byte[] data, int offset, int length) {
    if (!bringsNewSets(data, offset, length)) {
      return Optional.empty();
    }
    List<List<byte[]>> brought = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    int end = offset + length;
    for (int at = offset; nalFits(data, at, end); at += 4 + nalLength(data, at)) {
      int kind = kind(data, at);
      if (kind != OTHER && brought.get(kind).size() < MAX_SETS) {
        brought.get(kind).add(Arrays.copyOfRange(data, at + 4, at + 4 + nalLength(data, at)));
      }
    }
    for (int kind = VPS; kind <= PPS; kind++) {
      if (!brought.get(kind).isEmpty()) {
        sets.get(kind).clear();
        sets.get(kind).addAll(brought.get(kind));
      }
    }
    boolean enough = !sets.get(SPS).isEmpty() && !sets.get(PPS).isEmpty();
    return enough ? Optional.of(hevc ? hevcEntry() : avcEntry()) : Optional.empty();
  }

  private boolean bringsNewSets(byte[] data, int offset, int length) {
    int end = offset + length;
    for (int at = offset; nalFits(data, at, end); at += 4 + nalLength(data, at)) {
      int kind = kind(data, at);
      if (kind != OTHER && !known(kind, data, at + 4, at + 4 + nalLength(data, at))) {
        return true;
      }
    }
    return false;
  }

  private boolean known(int kind, byte[] data, int start, int end) {
    List<byte[]> ofKind = sets.get(kind);
    for (int i = 0; i < ofKind.size(); i++) {
      byte[] set = ofKind.get(i);
      if (Arrays.equals(data, start, end, set, 0, set.length)) {
        return true;
      }
    }
    return false;
  }

  /** What a unit is; one that no configuration box could hold is passed on as any other. */
  private int kind(byte[] data, int at) {
    int length = nalLength(data, at);
    if (length < 4 || length > MAX_SET_BYTES) {
      return OTHER;
    }
    byte header = data[at + 4];
    int type = hevc ? (header >> 1) & 63 : header & 31;
    if (hevc) {
      return type >= 32 && type <= 34 ? type - 32 : OTHER;
    }
    return type == 7 ? SPS : type == 8 ? PPS : OTHER;
  }

  @Override
  void writeSample(GrowingBytes out, byte[] data, int offset, int length, boolean bare) {
    int end = offset + length;
    for (int at = offset; nalFits(data, at, end); at += 4 + nalLength(data, at)) {
      if (!bare || kind(data, at) == OTHER) {
        out.bytes(data, at, 4 + nalLength(data, at));
      }
    }
  }

  private static boolean nalFits(byte[] data, int at, int end) {
    if (end - at < 5) {
      return false;
    }
    int length = nalLength(data, at);
    return length > 0 && length <= end - at - 4;
  }

  private static int nalLength(byte[] data, int at) {
    return (data[at] & 0xff) << 24
        | (data[at + 1] & 0xff) << 16
        | (data[at + 2] & 0xff) << 8
        | (data[at + 3] & 0xff);
  }

  private byte[] avcEntry() {
    byte[] sps = sets.get(SPS).getFirst();
    AvcSequence sequence = AvcSequence.of(sps);
    GrowingBytes out = new GrowingBytes(256);
    Boxes boxes = new Boxes(out);
    visualEntry(boxes, out, "avc1", sequence.size().known() ? sequence.size() : announced);
    boxes.begin("avcC").u8(1).u8(sps[1]).u8(sps[2]).u8(sps[3]).u8(0xff);
    out.u8(0xe0 | sets.get(SPS).size());
    units(out, sets.get(SPS));
    out.u8(sets.get(PPS).size());
    units(out, sets.get(PPS));
    int profile = sps[1] & 0xff;
    if (profile == 100 || profile == 110 || profile == 122 || profile == 144) {
      out.u8(0xfc | sequence.chromaFormat());
      out.u8(0xf8 | (sequence.lumaDepth() - 8)).u8(0xf8 | (sequence.chromaDepth() - 8)).u8(0);
    }
    boxes.end();
    boxes.end();
    return out.copy();
  }

  private byte[] hevcEntry() {
    HevcSequence sequence = HevcSequence.of(sets.get(SPS).getFirst());
    GrowingBytes out = new GrowingBytes(512);
    Boxes boxes = new Boxes(out);
    visualEntry(boxes, out, "hvc1", sequence.size().known() ? sequence.size() : announced);
    boxes.begin("hvcC").u8(1).bytes(sequence.profileTierLevel()).u16(0xf000).u8(0xfc);
    out.u8(0xfc | sequence.chromaFormat());
    out.u8(0xf8 | (sequence.lumaDepth() - 8)).u8(0xf8 | (sequence.chromaDepth() - 8)).u16(0);
    out.u8(sequence.temporalLayers() << 3 | (sequence.temporalNesting() ? 4 : 0) | 3);
    int arrays = 3 - (int) sets.stream().filter(List::isEmpty).count();
    out.u8(arrays);
    for (int kind = VPS; kind <= PPS; kind++) {
      if (!sets.get(kind).isEmpty()) {
        out.u8(0x80 | (32 + kind)).u16(sets.get(kind).size());
        units(out, sets.get(kind));
      }
    }
    boxes.end();
    boxes.end();
    return out.copy();
  }

  /**
   * The parameter sets of an {@code avc1} or {@code hvc1} box as NAL units, each after its
   * four-byte length; empty for any other box.
   */
  static byte[] parameterSets(byte[] entryBox) {
    GrowingBytes out = new GrowingBytes(256);
    int type = nalLength(entryBox, 4);
    int content = VISUAL_ENTRY_BYTES + 8; // behind the size and type of avcC or hvcC
    if (type == Boxes.type("avc1") && entryBox.length > content + 6) {
      int at = copyUnits(entryBox, content + 6, entryBox[content + 5] & 31, out);
      if (at < entryBox.length) {
        var _ = copyUnits(entryBox, at + 1, entryBox[at] & 0xff, out);
      }
    } else if (type == Boxes.type("hvc1") && entryBox.length > content + 23) {
      int at = content + 23;
      for (int array = entryBox[content + 22] & 0xff; array > 0; array--) {
        if (at + 3 > entryBox.length) {
          break;
        }
        at = copyUnits(entryBox, at + 3, u16(entryBox, at + 1), out);
      }
    }
    return out.copy();
  }

  /** Where the units end. */
  private static int copyUnits(byte[] box, int from, int count, GrowingBytes out) {
    int at = from;
    for (int i = 0; i < count && at + 2 <= box.length; i++) {
      int length = Math.min(u16(box, at), box.length - at - 2);
      out.u32(length).bytes(box, at + 2, length);
      at += 2 + length;
    }
    return at;
  }

  private static int u16(byte[] data, int at) {
    return (data[at] & 0xff) << 8 | (data[at + 1] & 0xff);
  }

  private static void units(GrowingBytes out, List<byte[]> units) {
    for (byte[] unit : units) {
      out.u16(unit.length).bytes(unit);
    }
  }
}
