package io.spillway.media.mp4;

import io.spillway.media.FileWindow;
import io.spillway.media.MediaFile;
import io.spillway.media.ReadFrame;
import io.spillway.media.TrackReader;
import io.spillway.media.bitstream.PictureSize;
import java.io.IOException;
import java.util.List;

/**
 * Reads the samples of an MP4 file of ours ({@link Mp4Layout}) by its fragments' headers. The first
 * sample comes with the parameter sets that the writer took out of it.
 */
public final class Mp4Reader implements TrackReader {
  private final MediaFile file;
  private final Mp4Index index;
  private final byte[] parameterSets;
  private int chunk = -1;
  private int leftInChunk;
  private int sample = -1;
  private long place;

  /**
   * Reads from the start.
   *
   * @throws IOException when it can't be read, or isn't laid out as ours are
   */
  public Mp4Reader(MediaFile file) throws IOException {
    Mp4Log log = new Mp4Log(new FileWindow(file, 4096), Mp4Repair.MAX_ENTRY_BYTES);
    if (!log.read()) {
      throw new IOException("not an MP4 file of ours");
    }
    this.file = file;
    this.index = log.index();
    this.parameterSets = NalSetup.parameterSets(index.entries().getFirst().box());
  }

  @Override
  public boolean next(ReadFrame frame) throws IOException {
    if (sample + 1 >= index.samples()) {
      return false;
    }
    sample++;
    while (leftInChunk == 0) {
      chunk++;
      leftInChunk = index.chunkSamples(chunk);
      place = index.chunkPlace(chunk);
    }
    frame.atTicks = index.startTicks(sample);
    frame.key = index.key(sample);
    int size = index.size(sample);
    if (sample == 0) {
      frame.read(parameterSets, file, place, size);
    } else {
      frame.read(file, place, size);
    }
    place += size;
    leftInChunk--;
    return true;
  }

  @Override
  public long endTicks() {
    return index.endTicks();
  }

  @Override
  public PictureSize size() {
    return index.largest();
  }

  @Override
  public byte[] firstSetup() {
    return entry(index.entries());
  }

  @Override
  public byte[] lastSetup() {
    return entry(index.entries().reversed());
  }

  private static byte[] entry(List<SampleEntry> entries) {
    return entries.getFirst().box().clone();
  }
}
