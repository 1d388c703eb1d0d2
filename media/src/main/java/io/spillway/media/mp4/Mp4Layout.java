package io.spillway.media.mp4;

import io.spillway.media.GrowingBytes;

/*
 * While recording:
 *
 *   ftyp | free, 16 bytes | moov without samples | { moof mdat | free "conf" | free "hold" } ...
 *
 * Finished: the free box in front becomes the header of one large mdat that swallows the first
 * moov and all fragments, and a moov with the full tables follows it:
 *
 *   ftyp | mdat ( moov, moof, ... ) | moov
 *
 * So only 16 bytes in front change and a tail is added; readers of both states find a plain file.
 * The fragments stay readable inside the mdat, so a finished file that lost its tail is finished
 * again the same way. A "conf" box carries a new sample entry (parameter sets or picture size
 * changed), a "hold" box says how far the last picture lasts.
 */
/** Where things lie in our MP4 files. No state. */
final class Mp4Layout {
  static final int FREE = Boxes.type("free");
  static final int MDAT = Boxes.type("mdat");
  static final int MOOV = Boxes.type("moov");
  static final int MOOF = Boxes.type("moof");
  static final int TRAF = Boxes.type("traf");
  static final int TFDT = Boxes.type("tfdt");
  static final int TRUN = Boxes.type("trun");
  static final int FTYP = Boxes.type("ftyp");

  /** Marks our free boxes. */
  static final int CONF = Boxes.type("conf");

  static final int HOLD = Boxes.type("hold");
  static final int MAGIC = Boxes.type("SPWY");

  /** An mdat header with a 64-bit size. */
  static final int LARGE_HEADER = 16;

  static final int KEY_SAMPLE = 0x02000000;
  static final int OTHER_SAMPLE = 0x01010000;

  private Mp4Layout() {}

  /** Everything in front of the first fragment. */
  static GrowingBytes header(SampleEntry entry, int timescale) {
    GrowingBytes out = new GrowingBytes(1024);
    Boxes boxes = new Boxes(out);
    boxes.begin("ftyp").ascii("isom").u32(0x200).ascii("isomiso6iso2mp41");
    boxes.end();
    boxes.begin(FREE).zeros(LARGE_HEADER - 8);
    boxes.end();
    new MoovBox(out, timescale).writeEmpty(entry);
    return out;
  }

  static void conf(GrowingBytes out, SampleEntry entry) {
    Boxes boxes = new Boxes(out);
    boxes.begin(FREE).u32(MAGIC).u32(CONF).bytes(entry.box());
    boxes.end();
  }

  static void hold(GrowingBytes out, long endTicks) {
    Boxes boxes = new Boxes(out);
    boxes.begin(FREE).u32(MAGIC).u32(HOLD).u64(endTicks);
    boxes.end();
  }
}
