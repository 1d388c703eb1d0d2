package io.spillway.media.mp4;

import io.spillway.media.GrowingBytes;
import java.util.List;

/** Writes an index as stbl (ISO/IEC 14496-12, 8.5 to 8.7), run lengths packed. */
final class SampleTables {
  private final GrowingBytes out;
  private final Boxes boxes;

  SampleTables(GrowingBytes out, Boxes boxes) {
    this.out = out;
    this.boxes = boxes;
  }

  static void descriptions(Boxes boxes, GrowingBytes out, List<SampleEntry> entries) {
    boxes.begin("stsd", 0, 0).u32(entries.size());
    for (SampleEntry entry : entries) {
      out.bytes(entry.box());
    }
    boxes.end();
  }

  void write(Mp4Index index, long shift, boolean wide) {
    boxes.begin("stbl");
    descriptions(boxes, out, index.entries());
    durations(index);
    keys(index);
    chunkRuns(index);
    boxes.begin("stsz", 0, 0).u32(0).u32(index.samples());
    for (int sample = 0; sample < index.samples(); sample++) {
      out.u32(index.size(sample));
    }
    boxes.end();
    boxes.begin(wide ? "co64" : "stco", 0, 0).u32(index.chunks());
    for (int chunk = 0; chunk < index.chunks(); chunk++) {
      long place = index.chunkPlace(chunk) + shift;
      if (wide) {
        out.u64(place);
      } else {
        out.u32(place);
      }
    }
    boxes.end();
    boxes.end();
  }

  private void durations(Mp4Index index) {
    boxes.begin("stts", 0, 0);
    int countAt = out.size();
    out.u32(0);
    int runs = 0;
    int sample = 0;
    while (sample < index.samples()) {
      long duration = index.duration(sample);
      int first = sample;
      while (sample < index.samples() && index.duration(sample) == duration) {
        sample++;
      }
      out.u32(sample - first).u32(duration);
      runs++;
    }
    out.patchU32(countAt, runs);
    boxes.end();
  }

  private void keys(Mp4Index index) {
    boxes.begin("stss", 0, 0);
    int countAt = out.size();
    out.u32(0);
    int keys = 0;
    for (int sample = 0; sample < index.samples(); sample++) {
      if (index.key(sample)) {
        out.u32(sample + 1);
        keys++;
      }
    }
    out.patchU32(countAt, keys);
    boxes.end();
  }

  private void chunkRuns(Mp4Index index) {
    boxes.begin("stsc", 0, 0);
    int countAt = out.size();
    out.u32(0);
    int runs = 0;
    for (int chunk = 0; chunk < index.chunks(); chunk++) {
      boolean asBefore =
          chunk > 0
              && index.chunkSamples(chunk) == index.chunkSamples(chunk - 1)
              && index.chunkEntry(chunk) == index.chunkEntry(chunk - 1);
      if (!asBefore) {
        out.u32(chunk + 1).u32(index.chunkSamples(chunk)).u32(index.chunkEntry(chunk) + 1);
        runs++;
      }
    }
    out.patchU32(countAt, runs);
    boxes.end();
  }
}
