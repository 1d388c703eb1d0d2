package io.spillway.media.mp4;

import io.spillway.core.media.Codec;
import io.spillway.media.GrowingBytes;
import io.spillway.media.MediaFile;
import io.spillway.media.Tail;
import io.spillway.media.TrackWriter;
import io.spillway.media.bitstream.PictureSize;
import java.io.IOException;
import java.util.Arrays;

/**
 * H.264, H.265 or AV1 into MP4; {@link Mp4Layout} shows the file. It begins with the first key
 * frame whose parameter sets are known; frames before it are left out. Between two flushes a
 * fragment is built in memory; it ends earlier where the sample entry changes or at four megabytes.
 *
 * <p>Decoding time is showing time: WebRTC senders make no B-frames, and the RTP timestamps that
 * frames are placed by leave no room to tell them apart. A stream with B-frames would be written in
 * decoding order with rising times, and play in the wrong order. Not thread-safe.
 */
public final class Mp4Writer implements TrackWriter {
  private static final int MAX_FRAGMENT_BYTES = 4 << 20;
  private static final int KEPT_BUFFER_BYTES = 1 << 20;
  private static final int MDAT_HEADER = 8;

  private final int timescale;
  private final MediaFile file;
  private final Tail tail;
  private final DecoderSetup setup;
  private final GrowingBytes head = new GrowingBytes(1024);
  private final Boxes headBoxes = new Boxes(head);
  private GrowingBytes data = new GrowingBytes(16 << 10);
  private long[] starts = new long[64];
  private int[] sizes = new int[64];
  private boolean[] keys = new boolean[64];
  private int samples;
  private int fragment;
  private int entries;
  private boolean broken;
  private boolean closed;
  private long lastTicks = -1;
  private long lastStepTicks;
  private long heldTicks;
  private long markedTicks;
  private long frames;
  private long leftOut;

  /**
   * @param file empty
   * @param announced picture size as signalled, used where parameter sets can't be read
   */
  public Mp4Writer(Codec codec, MediaFile file, PictureSize announced) {
    this.timescale = codec.clockRate();
    this.file = file;
    this.tail = new Tail(file, 0);
    this.setup = DecoderSetup.of(codec, announced);
    this.lastStepTicks = timescale / 30;
  }

  @Override
  public void frame(long atTicks, boolean key, byte[] bytes, int offset, int length)
      throws IOException {
    if (broken || closed) {
      throw new IOException("MP4 file takes no more frames: a write before failed or it is closed");
    }
    boolean newEntry = setup.changed(bytes, offset, length);
    if (length == 0 || (frames == 0 && !(key && setup.entry().isPresent()))) {
      leftOut++;
      return;
    }
    long at = Math.max(atTicks, lastTicks + 1);
    if (newEntry || entries == 0 || data.size() + length > MAX_FRAGMENT_BYTES) {
      writeFragment(at);
    }
    if (newEntry || entries == 0) {
      writeEntry();
    }
    int sizeBefore = data.size();
    setup.writeSample(data, bytes, offset, length, entries == 1);
    if (data.size() == sizeBefore) {
      leftOut++; // nothing but parameter sets, which are kept
      return;
    }
    addSample(at, key, data.size() - sizeBefore);
  }

  private void writeEntry() throws IOException {
    SampleEntry entry = setup.entry().orElseThrow();
    head.clear();
    if (entries == 0) {
      GrowingBytes header = Mp4Layout.header(entry, timescale);
      append(header, head);
    } else {
      Mp4Layout.conf(head, entry);
      append(head, data);
    }
    head.clear();
    entries++;
  }

  private void addSample(long at, boolean key, int size) {
    if (samples == starts.length) {
      starts = Arrays.copyOf(starts, samples * 2);
      sizes = Arrays.copyOf(sizes, samples * 2);
      keys = Arrays.copyOf(keys, samples * 2);
    }
    starts[samples] = at;
    sizes[samples] = size;
    keys[samples] = key;
    samples++;
    frames++;
    if (lastTicks >= 0) {
      lastStepTicks = Math.min(at - lastTicks, timescale);
    }
    lastTicks = at;
  }

  @Override
  public void holdUntil(long atTicks) {
    heldTicks = Math.max(heldTicks, atTicks);
  }

  @Override
  public void flush() throws IOException {
    if (frames == 0 || broken || closed) {
      return;
    }
    long end = Math.max(lastTicks + lastStepTicks, heldTicks);
    if (samples > 0) {
      writeFragment(end);
    } else if (end > markedTicks) {
      head.clear();
      Mp4Layout.hold(head, end);
      append(head, data);
      markedTicks = end;
    }
  }

  /** Where the next fragment starts is where the last sample of this one ends. */
  private void writeFragment(long endTicks) throws IOException {
    if (samples == 0) {
      return;
    }
    head.clear();
    headBoxes.begin("moof");
    headBoxes.begin("mfhd", 0, 0).u32(++fragment);
    headBoxes.end();
    headBoxes.begin("traf");
    headBoxes.begin("tfhd", 0, 0x020000).u32(1); // default-base-is-moof
    headBoxes.end();
    headBoxes.begin("tfdt", 1, 0).u64(starts[0]);
    headBoxes.end();
    headBoxes.begin("trun", 0, 0x000701).u32(samples); // data offset; duration, size, flags
    int dataOffsetAt = head.size();
    head.u32(0);
    for (int i = 0; i < samples; i++) {
      long next = i + 1 < samples ? starts[i + 1] : endTicks;
      head.u32(next - starts[i]).u32(sizes[i]);
      head.u32(keys[i] ? Mp4Layout.KEY_SAMPLE : Mp4Layout.OTHER_SAMPLE);
    }
    headBoxes.end();
    headBoxes.end();
    headBoxes.end();
    head.patchU32(dataOffsetAt, head.size() + (long) MDAT_HEADER);
    head.u32(data.size() + (long) MDAT_HEADER).u32(Mp4Layout.MDAT);
    samples = 0;
    markedTicks = endTicks;
    try {
      append(head, data);
    } finally {
      boolean outgrown = data.array().length > KEPT_BUFFER_BYTES;
      data = outgrown ? new GrowingBytes(KEPT_BUFFER_BYTES) : data;
      data.clear();
    }
  }

  private void append(GrowingBytes first, GrowingBytes then) throws IOException {
    try {
      tail.append(first.array(), 0, first.size(), then.array(), 0, then.size());
    } catch (IOException e) {
      broken = true;
      throw e;
    }
  }

  /** Frames that could not be shown, and those of parameter sets alone. */
  public long leftOut() {
    return leftOut;
  }

  @Override
  public void sync() throws IOException {
    file.sync();
  }

  @Override
  public long bytesWritten() {
    return tail.end();
  }

  @Override
  public Finished finish() throws IOException {
    flush();
    Mp4Repair.Outcome outcome = Mp4Repair.finish(file, timescale);
    if (outcome.indexMissing().isPresent() && !broken) {
      broken = true;
      IOException cause = outcome.indexMissing().get();
      throw new IOException(
          "MP4 index could not be written; the file plays as fragments: " + cause.getMessage(),
          cause);
    }
    close();
    return outcome.finished();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      file.close();
    } catch (IOException e) {
      broken = true; // closing writes nothing: what was flushed is there
    }
  }
}
