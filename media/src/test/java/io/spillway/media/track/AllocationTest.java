package io.spillway.media.track;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.spillway.core.media.Codec;
import io.spillway.media.MediaFile;
import io.spillway.media.TrackWriter;
import io.spillway.media.track.TrackFiles.Options;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class AllocationTest {
  @ParameterizedTest
  @EnumSource(names = {"OPUS", "VP8", "VP9", "AV1", "H264", "H265"})
  void theSteadyPathAllocatesNothing(Codec codec) throws IOException {
    boolean sound = codec == Codec.OPUS;
    List<Sample> samples =
        sound ? TestMedia.opus(1, "20", 3) : TestMedia.video(codec, "320x240", 6);
    int ticks = sound ? 960 : 3600;
    Sample later = samples.get(1);
    TrackWriter writer = TrackFiles.on(new Nowhere(), codec, Options.of(codec, ""), 1);
    writer.frame(0, true, samples.getFirst().data(), 0, samples.getFirst().data().length);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = 0;
    int frames = 200_000;
    for (int i = 1; i <= frames; i++) {
      if (i == frames / 2) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      writer.frame((long) i * ticks, false, later.data(), 0, later.data().length);
      if (i % 50 == 0) {
        writer.flush();
      }
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).isLessThan(frames / 2); // under a byte a frame: the compiler's noise
  }

  /** Takes everything and keeps nothing. */
  private static final class Nowhere implements MediaFile {
    private long size;

    @Override
    public long size() {
      return size;
    }

    @Override
    public void write(long at, byte[] data, int offset, int length) {
      size = Math.max(size, at + length);
    }

    @Override
    public int read(long at, byte[] into, int offset, int length) {
      return 0;
    }

    @Override
    public void truncate(long newSize) {
      size = Math.min(size, newSize);
    }

    @Override
    public void sync() {}

    @Override
    public void close() {}
  }
}
