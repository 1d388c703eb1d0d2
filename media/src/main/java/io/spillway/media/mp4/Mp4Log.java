package io.spillway.media.mp4;

import io.spillway.media.FileWindow;
import java.io.IOException;

/**
 * Reads a file of ours ({@link Mp4Layout}) up to where it stops making sense, whichever state it is
 * in. Only headers are read: one short read per second of media.
 */
final class Mp4Log {
  private static final int MOOF = Mp4Layout.MOOF;

  private final FileWindow window;
  private final int maxEntryBytes;
  private final Mp4Index index = new Mp4Index();
  private boolean indexInFront;
  private long frontAt;
  private long end;

  Mp4Log(FileWindow window, int maxEntryBytes) {
    this.window = window;
    this.maxEntryBytes = maxEntryBytes;
  }

  FileWindow window() {
    return window;
  }

  Mp4Index index() {
    return index;
  }

  /** Behind the last whole fragment or mark. */
  long end() {
    return end;
  }

  /** Where the free box, or the large mdat's header, lies. */
  long frontAt() {
    return frontAt;
  }

  /** The file was rewritten with its index before the media. */
  boolean indexInFront() {
    return indexInFront;
  }

  /** Whether there is media in the file. */
  boolean read() throws IOException {
    if (type(0) != Mp4Layout.FTYP) {
      return false;
    }
    long at = size(0);
    if (type(at) == Mp4Layout.MOOV) {
      indexInFront = true;
      at += size(at);
    }
    // By the sizes alone: where the write that makes the one the other was torn, types are neither.
    boolean recording = size(at) == Mp4Layout.LARGE_HEADER;
    boolean finished = size(at) == 1;
    frontAt = at;
    long header = at + Mp4Layout.LARGE_HEADER;
    if (!(recording || finished) || !whole(header) || type(header) != Mp4Layout.MOOV) {
      return false;
    }
    if (!firstEntry(header)) {
      return false;
    }
    end = header + size(header);
    while (step()) {
      // each step moves the end behind one more whole piece
    }
    return index.samples() > 0;
  }

  private boolean step() throws IOException {
    if (!whole(end)) {
      return false;
    }
    if (type(end) == Mp4Layout.FREE) {
      return mark();
    }
    long data = end + size(end);
    if (type(end) != MOOF || !whole(data) || type(data) != Mp4Layout.MDAT) {
      return false;
    }
    if (!fragment(data + 8, data + size(data))) {
      return false;
    }
    end = data + size(data);
    return true;
  }

  private boolean mark() throws IOException {
    if (size(end) < 24 || window.u32(end + 8) != Mp4Layout.MAGIC) {
      return false;
    }
    int kind = (int) window.u32(end + 12);
    long payload = size(end) - 16;
    if (kind == Mp4Layout.HOLD) {
      index.hold(window.u64(end + 16));
    } else if (kind == Mp4Layout.CONF && payload <= maxEntryBytes) {
      index.entry(SampleEntry.of(window.bytes(end + 16, (int) payload)));
    } else {
      return false;
    }
    end += size(end);
    return true;
  }

  /** Takes a fragment's samples, if they fill its mdat exactly. */
  private boolean fragment(long dataAt, long dataEnd) throws IOException {
    long traf = child(end + 8, end + size(end), Mp4Layout.TRAF);
    if (traf < 0) {
      return false;
    }
    long trafEnd = traf + size(traf);
    long tfdt = child(traf + 8, trafEnd, Mp4Layout.TFDT);
    long trun = child(traf + 8, trafEnd, Mp4Layout.TRUN);
    if (tfdt < 0 || trun < 0) {
      return false;
    }
    long count = window.u32(trun + 12);
    long bytes = 0;
    if (count == 0 || size(trun) != 20 + 12 * count) {
      return false;
    }
    for (long i = 0; i < count; i++) {
      bytes += window.u32(trun + 20 + 12 * i + 4);
    }
    if (bytes != dataEnd - dataAt) {
      return false;
    }
    takeSamples(window.u64(tfdt + 12), trun + 20, count, dataAt);
    return true;
  }

  private void takeSamples(long start, long entries, long count, long dataAt) throws IOException {
    index.chunk(dataAt);
    long at = start;
    for (long i = 0; i < count; i++) {
      long entry = entries + 12 * i;
      long duration = window.u32(entry);
      boolean key = window.u32(entry + 8) == Mp4Layout.KEY_SAMPLE;
      index.sample(at, duration, (int) window.u32(entry + 4), key);
      at += duration;
    }
  }

  /** The sample entry inside the moov written first. */
  private boolean firstEntry(long moov) throws IOException {
    long at = moov;
    for (String name : new String[] {"trak", "mdia", "minf", "stbl", "stsd"}) {
      at = child(at + 8, at + size(at), Boxes.type(name));
      if (at < 0) {
        return false;
      }
    }
    long entry = at + 16;
    if (size(entry) > maxEntryBytes || entry + size(entry) > at + size(at)) {
      return false;
    }
    index.entry(SampleEntry.of(window.bytes(entry, (int) size(entry))));
    return true;
  }

  private long child(long from, long to, int type) throws IOException {
    long at = from;
    while (at + 8 <= to) {
      if (type(at) == type) {
        return at;
      }
      if (size(at) < 8) {
        return -1;
      }
      at += size(at);
    }
    return -1;
  }

  private boolean whole(long at) throws IOException {
    return at + 8 <= window.size() && size(at) >= 8 && at + size(at) <= window.size();
  }

  private long size(long at) throws IOException {
    return window.u32(at);
  }

  private int type(long at) throws IOException {
    return (int) window.u32(at + 4);
  }
}
