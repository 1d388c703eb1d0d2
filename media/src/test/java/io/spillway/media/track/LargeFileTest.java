package io.spillway.media.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spillway.core.media.Codec;
import io.spillway.media.MediaFile;
import io.spillway.media.TrackWriter;
import io.spillway.media.TrackWriter.Finished;
import io.spillway.media.ffmpeg.ProgramRun;
import io.spillway.media.track.TrackFiles.Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files beyond 4 GiB and 13 hours, where 32 bits end; their pictures are holes on the disk. */
final class LargeFileTest {
  private static final int PICTURES = 1200;
  private static final int PICTURE_BYTES = 4 << 20;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"H264, mp4", "VP8, webm"})
  void sizesAndTimesBeyond32BitsAreRight(Codec codec, String extension) throws IOException {
    Path path = folder.resolve("large." + extension);
    byte[] key = TestMedia.video(codec, "320x240", 6).getFirst().data();
    byte[] large = new byte[PICTURE_BYTES];
    ByteBuffer.wrap(large).putInt(PICTURE_BYTES - 4).put((byte) 0x41);
    long step = 60 * 90_000L; // a picture a minute: 20 hours
    Finished finished;
    try (TrackWriter writer = TrackFiles.on(new Holes(path), codec, Options.of(codec, ""), 1)) {
      for (int i = 0; i < PICTURES; i++) {
        byte[] data = i == 0 || i == PICTURES - 1 ? key : large;
        writer.frame(i * step, data.length == key.length, data, 0, data.length);
        writer.flush();
      }
      finished = writer.finish();
    }
    assertThat(finished.bytes()).isEqualTo(Files.size(path)).isGreaterThan(1L << 32);
    assertThat(seen(path, List.of("-show_entries", "format=duration")))
        .isCloseTo(finished.durationTicks() / 90_000.0, within(0.01));
    // The last key frame is found by the index behind 4 GiB of holes.
    List<String> last = List.of("-show_entries", "packet=pts_time", "-read_intervals", "71950%+#1");
    assertThat(seen(path, last)).isCloseTo((PICTURES - 1) * 60.0, within(0.01));
  }

  /** ffprobe complains of the empty pictures; what it reads of the container is what counts. */
  private static double seen(Path path, List<String> what) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-v", "error", "-of", "csv=p=0"));
    arguments.addAll(what);
    arguments.add(path.toString());
    ProgramRun run = TestMedia.programs().probe(arguments, Duration.ofMinutes(1));
    return Double.parseDouble(run.output().strip().replace(",", ""));
  }

  /** A file on disk that keeps only the head of a large write. */
  private static final class Holes implements MediaFile {
    private final MediaFile file;

    Holes(Path path) throws IOException {
      file = MediaFile.create(path);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void write(long at, byte[] data, int offset, int length) throws IOException {
      if (length < PICTURE_BYTES) {
        file.write(at, data, offset, length);
        return;
      }
      file.write(at, data, offset, 64);
      file.write(at + length - 64, data, offset + length - 64, 64);
    }

    @Override
    public int read(long at, byte[] into, int offset, int length) throws IOException {
      return file.read(at, into, offset, length);
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public void sync() throws IOException {
      file.sync();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
