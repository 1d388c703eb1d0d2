package io.spillway.media.mp4;

import io.spillway.media.bitstream.PictureSize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a file holds: samples in runs ("chunks", one per fragment) and the entries that decode them.
 * Twelve bytes a sample, held only while a file is finished. Not thread-safe.
 */
final class Mp4Index {
  private static final int KEY_BIT = 1 << 31;

  private final List<SampleEntry> entries = new ArrayList<>();
  private int[] sizes = new int[1024];
  private long[] starts = new long[1024];
  private int samples;
  private long[] chunkPlaces = new long[64];
  private int[] chunkSamples = new int[64];
  private int[] chunkEntries = new int[64];
  private int chunks;
  private long endTicks;

  void entry(SampleEntry entry) {
    entries.add(entry);
  }

  /** Begins a run of samples that lie at {@code place} one after the other. */
  void chunk(long place) {
    if (chunks == chunkPlaces.length) {
      chunkPlaces = Arrays.copyOf(chunkPlaces, chunks * 2);
      chunkSamples = Arrays.copyOf(chunkSamples, chunks * 2);
      chunkEntries = Arrays.copyOf(chunkEntries, chunks * 2);
    }
    chunkPlaces[chunks] = place;
    chunkSamples[chunks] = 0;
    chunkEntries[chunks] = entries.size() - 1;
    chunks++;
  }

  void sample(long startTicks, long durationTicks, int size, boolean key) {
    if (samples == sizes.length) {
      sizes = Arrays.copyOf(sizes, samples * 2);
      starts = Arrays.copyOf(starts, samples * 2);
    }
    sizes[samples] = size | (key ? KEY_BIT : 0);
    starts[samples] = startTicks;
    samples++;
    chunkSamples[chunks - 1]++;
    endTicks = startTicks + durationTicks;
  }

  /** The last sample lasts until then. */
  void hold(long untilTicks) {
    endTicks = Math.max(endTicks, untilTicks);
  }

  List<SampleEntry> entries() {
    return entries;
  }

  int samples() {
    return samples;
  }

  int size(int sample) {
    return sizes[sample] & ~KEY_BIT;
  }

  boolean key(int sample) {
    return sizes[sample] < 0;
  }

  /** A sample lasts until the next one starts, whatever its fragment guessed. */
  long duration(int sample) {
    return (sample + 1 < samples ? starts[sample + 1] : endTicks) - starts[sample];
  }

  long startTicks(int sample) {
    return starts[sample];
  }

  int chunks() {
    return chunks;
  }

  long chunkPlace(int chunk) {
    return chunkPlaces[chunk];
  }

  int chunkSamples(int chunk) {
    return chunkSamples[chunk];
  }

  int chunkEntry(int chunk) {
    return chunkEntries[chunk];
  }

  long startTicks() {
    return samples == 0 ? 0 : starts[0];
  }

  long endTicks() {
    return endTicks;
  }

  PictureSize largest() {
    PictureSize largest = PictureSize.UNKNOWN;
    for (SampleEntry entry : entries) {
      largest = largest.max(entry.size());
    }
    return largest;
  }
}
