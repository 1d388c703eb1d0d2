package io.spillway.media.mp4;

import io.spillway.media.GrowingBytes;
import io.spillway.media.bitstream.PictureSize;
import java.util.List;

/** Writes the moov box of a file with one video track (ISO/IEC 14496-12, clause 8). */
final class MoovBox {
  private static final int MOVIE_TIMESCALE = 1000;
  private static final long MAX_32 = 0xffffffffL;

  private final GrowingBytes out;
  private final Boxes boxes;
  private final int timescale;

  MoovBox(GrowingBytes out, int timescale) {
    this.out = out;
    this.boxes = new Boxes(out);
    this.timescale = timescale;
  }

  /** Without samples, announcing fragments. */
  void writeEmpty(SampleEntry entry) {
    boxes.begin("moov");
    movieHeader(0);
    boxes.begin("trak");
    trackHeader(0, entry.size());
    media(0, () -> emptyTables(entry));
    boxes.end();
    boxes.begin("mvex");
    boxes.begin("trex", 0, 0).u32(1).u32(1).u32(0).u32(0).u32(0);
    boxes.end();
    boxes.end();
    boxes.end();
  }

  /**
   * With the tables of all samples.
   *
   * @param shift added to each chunk's place in the file
   * @param wide chunk places need 64 bits
   */
  void write(Mp4Index index, long shift, boolean wide) {
    long start = index.startTicks();
    long end = index.endTicks();
    long movieEnd = movieTicks(end);
    boxes.begin("moov");
    movieHeader(movieEnd);
    boxes.begin("trak");
    trackHeader(movieEnd, index.largest());
    if (start > 0) {
      edits(start, end);
    }
    media(end - start, () -> new SampleTables(out, boxes).write(index, shift, wide));
    boxes.end();
    boxes.end();
  }

  private long movieTicks(long ticks) {
    return (ticks * MOVIE_TIMESCALE + timescale / 2) / timescale;
  }

  private void movieHeader(long duration) {
    times("mvhd", 0, MOVIE_TIMESCALE, duration);
    out.u32(0x10000).u16(0x100).zeros(10);
    matrix();
    out.zeros(24).u32(2);
    boxes.end();
  }

  /** Begins a full box with creation time, modification time, time scale and duration. */
  private void times(String type, int flags, int scale, long duration) {
    if (duration > MAX_32) {
      boxes.begin(type, 1, flags).u64(0).u64(0).u32(scale).u64(duration);
    } else {
      boxes.begin(type, 0, flags).u32(0).u32(0).u32(scale).u32(duration);
    }
  }

  private void trackHeader(long duration, PictureSize size) {
    if (duration > MAX_32) {
      boxes.begin("tkhd", 1, 3).u64(0).u64(0).u32(1).u32(0).u64(duration);
    } else {
      boxes.begin("tkhd", 0, 3).u32(0).u32(0).u32(1).u32(0).u32(duration);
    }
    out.zeros(16);
    matrix();
    out.u32((long) size.width() << 16).u32((long) size.height() << 16);
    boxes.end();
  }

  private void matrix() {
    out.u32(0x10000).zeros(12).u32(0x10000).zeros(12).u32(0x40000000);
  }

  /** The first frame is late: nothing is shown before it (8.6.6). */
  private void edits(long start, long end) {
    boxes.begin("edts");
    boxes.begin("elst", 1, 0).u32(2);
    out.u64(movieTicks(start)).u64(-1).u32(0x10000);
    out.u64(movieTicks(end) - movieTicks(start)).u64(0).u32(0x10000);
    boxes.end();
    boxes.end();
  }

  private void media(long duration, Runnable tables) {
    boxes.begin("mdia");
    times("mdhd", 0, timescale, duration);
    out.u16(0x55c4).u16(0); // language "und"
    boxes.end();
    boxes.begin("hdlr", 0, 0).u32(0).ascii("vide").zeros(12).ascii("video").u8(0);
    boxes.end();
    boxes.begin("minf");
    boxes.begin("vmhd", 0, 1).zeros(8);
    boxes.end();
    boxes.begin("dinf");
    boxes.begin("dref", 0, 0).u32(1);
    boxes.begin("url ", 0, 1);
    boxes.end();
    boxes.end();
    boxes.end();
    tables.run();
    boxes.end();
    boxes.end();
  }

  private void emptyTables(SampleEntry entry) {
    boxes.begin("stbl");
    SampleTables.descriptions(boxes, out, List.of(entry));
    for (String table : List.of("stts", "stsc", "stco")) {
      boxes.begin(table, 0, 0).u32(0);
      boxes.end();
    }
    boxes.begin("stsz", 0, 0).u32(0).u32(0);
    boxes.end();
    boxes.end();
  }
}
