package io.spillway.media.track;

import static io.spillway.media.track.TrackFilesTest.feed;
import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import io.spillway.media.TrackWriter;
import io.spillway.media.TrackWriter.Finished;
import io.spillway.media.ffmpeg.MediaProbe;
import io.spillway.media.track.TrackFiles.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files cut off anywhere, as by kill -9, a power cut or a full disk: all ways of it, on the same
 * recordings, so more than 300 lines.
 */
final class CrashTest {
  private static final long SEED = 20261122;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"OPUS, ogg", "VP8, webm", "AV1, webm", "H264, mp4", "H265, mp4"})
  void aFileCutAnywhereIsMadeWholeAndDoingItAgainChangesNothing(Codec codec, String extension)
      throws IOException {
    for (byte[] whole :
        List.of(recorded(codec, extension, false), recorded(codec, extension, true))) {
      Finished shorter = new Finished(0, 0, 0);
      int step = whole.length / 3000 + 1;
      for (int cut = 0; cut < whole.length + step; cut += cut < 2500 ? 1 : step) {
        int length = Math.min(cut, whole.length);
        MemoryFile file = MemoryFile.of(whole, length);
        Finished finished = Salvage.finish(file, codec);
        byte[] once = file.content();
        assertThat(finished.bytes()).isEqualTo(once.length);
        assertThat(finished.durationTicks()).isGreaterThanOrEqualTo(shorter.durationTicks());
        assertThat(finished.frames()).isGreaterThanOrEqualTo(shorter.frames());
        assertThat(Salvage.finish(file, codec)).isEqualTo(finished);
        assertThat(Arrays.equals(file.content(), once)).isTrue();
        shorter = finished;
      }
      assertThat(shorter.durationTicks()).isEqualTo(6L * codec.clockRate());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OPUS, ogg",
    "VP8, webm",
    "VP9, webm",
    "AV1, webm",
    "AV1, mp4",
    "H264, mp4",
    "H265, mp4"
  })
  void aFileCutAnywherePlaysToItsEnd(Codec codec, String extension) throws IOException {
    byte[] live = recorded(codec, extension, false);
    SplittableRandom random = new SplittableRandom(SEED);
    SoftAssertions soft = new SoftAssertions();
    for (int cut = 0; cut < 5; cut++) {
      int length = live.length / 5 + random.nextInt(live.length * 4 / 5);
      Path file = folder.resolve(codec + "-" + length + "." + extension);
      Files.write(file, Arrays.copyOf(live, length));

      Finished finished = Salvage.finish(file, codec);

      MediaProbe probe = MediaProbe.of(TestMedia.programs(), file);
      soft.assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).as("%s", file).isEmpty();
      double seconds = finished.durationTicks() / (double) codec.clockRate();
      soft.assertThat(Math.abs(probe.durationSeconds() - seconds)).isLessThan(0.01);
      // Everything but the torn last second is there: the stream's bytes come evenly.
      double written = 6.0 * length / live.length;
      soft.assertThat(seconds).as("%s of %s", length, live.length).isGreaterThan(written - 2);
    }
    soft.assertAll();
  }

  @ParameterizedTest
  @CsvSource({"OPUS, ogg", "VP8, webm", "H264, mp4", "AV1, mp4"})
  void aFileThatWasNeverFinishedPlaysAsItIs(Codec codec, String extension) throws IOException {
    Path file = folder.resolve("live." + extension);
    Files.write(file, recorded(codec, extension, false));
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).isEmpty();
    assertThat(MediaProbe.of(TestMedia.programs(), file).stream().frames())
        .isEqualTo(samples(codec).size());
  }

  /** All that changes the end and the front of a file at its end, between any two of them. */
  @ParameterizedTest
  @CsvSource({
    "OPUS, ogg",
    "VP8, webm",
    "VP9, webm",
    "AV1, webm",
    "AV1, mp4",
    "H264, mp4",
    "H265, mp4"
  })
  void aKillWhileAFileIsFinishedLeavesItPlayableAndItIsFinishedLater(Codec codec, String extension)
      throws IOException {
    byte[] whole = recorded(codec, extension, true);
    int changes = 0;
    while (true) {
      MemoryFile file = new MemoryFile();
      boolean finished = finishedUnlessKilled(file, codec, extension, changes, 0);
      Path onDisk = folder.resolve("killed-" + changes + "." + extension);
      Files.write(onDisk, file.content());
      assertThat(MediaProbe.decodeErrors(TestMedia.programs(), onDisk))
          .as("%s after %d changes", codec, changes)
          .isEmpty();
      long closing = codec == Codec.OPUS && changes > 0 ? 1 : 0; // the silence on Ogg's last page
      assertThat(MediaProbe.of(TestMedia.programs(), onDisk).stream().frames())
          .isEqualTo(samples(codec).size() + closing);

      isMadeWhole(MemoryFile.of(file.content(), (int) file.size()), codec, whole);
      if (finished) {
        break;
      }
      changes++;
    }
    assertThat(changes).as("changes of a file at its end").isPositive();
  }

  @ParameterizedTest
  @CsvSource({"OPUS, ogg", "VP8, webm", "AV1, webm", "AV1, mp4", "H264, mp4", "H265, mp4"})
  void aWriteThatIsTornWhileAFileIsFinishedIsMadeGood(Codec codec, String extension)
      throws IOException {
    byte[] whole = recorded(codec, extension, true);
    boolean finished = false;
    for (int changes = 0; !finished; changes++) {
      for (int part = 1; part < 32; part++) {
        MemoryFile file = new MemoryFile();
        finished = finishedUnlessKilled(file, codec, extension, changes, part / 32.0);
        isMadeWhole(MemoryFile.of(file.content(), (int) file.size()), codec, whole);
      }
    }
  }

  /** Records, and is killed after so many changes that follow the last flush. */
  private static boolean finishedUnlessKilled(
      MemoryFile file, Codec codec, String extension, int changes, double part) throws IOException {
    TrackWriter writer = TrackFiles.on(file, codec, options(codec, extension), 7);
    feedAll(codec, writer);
    writer.flush();
    file.killAfter(changes, part);
    try {
      writer.finish();
      return true;
    } catch (MemoryFile.Killed killed) {
      return false;
    }
  }

  private static void isMadeWhole(MemoryFile file, Codec codec, byte[] whole) throws IOException {
    Finished finished = Salvage.finish(file, codec);
    assertThat(finished.durationTicks()).isEqualTo(6L * codec.clockRate());
    assertThat(Arrays.equals(file.content(), whole))
        .as("%s is the file that a finish in peace makes", codec)
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({"OPUS, ogg", "VP8, webm", "H264, mp4"})
  void aDiskThatRunsFullAtAnyByteLeavesAWholeFile(Codec codec, String extension)
      throws IOException {
    int full = recorded(codec, extension, true).length;
    SplittableRandom random = new SplittableRandom(SEED);
    for (int room = 0; room < full; room += 1 + random.nextInt(full / 150)) {
      MemoryFile file = new MemoryFile();
      file.limitTo(room);
      TrackWriter writer = TrackFiles.on(file, codec, options(codec, extension), 7);
      Finished finished;
      try {
        feedAll(codec, writer);
        finished = writer.finish();
      } catch (IOException e) {
        assertThat(e).hasMessageMatching("No space left on device|.*could not be written.*");
        finished = writer.finish();
      }
      assertThat(finished.bytes()).isEqualTo(file.size()).isLessThanOrEqualTo(room);
      Finished salvaged = Salvage.finish(MemoryFile.of(file.content(), (int) file.size()), codec);
      assertThat(salvaged.durationTicks()).isEqualTo(finished.durationTicks());
      assertThat(salvaged.frames()).isEqualTo(finished.frames());
      if (room > full / 4 && room % 7 == 0) {
        Path onDisk = folder.resolve("full-" + room + "." + extension);
        Files.write(onDisk, file.content());
        assertThat(MediaProbe.decodeErrors(TestMedia.programs(), onDisk)).isEmpty();
      }
    }
  }

  @Test
  void aTailOfZerosAsAfterAPowerCutIsCut() throws IOException {
    for (Codec codec : List.of(Codec.OPUS, Codec.VP8, Codec.H264)) {
      byte[] live = recorded(codec, Container.of(codec).extension(), false);
      byte[] longer = Arrays.copyOf(live, live.length + 5000);
      MemoryFile clean = MemoryFile.of(live, live.length);
      MemoryFile zeros = MemoryFile.of(longer, longer.length);
      assertThat(Salvage.finish(zeros, codec)).isEqualTo(Salvage.finish(clean, codec));
      assertThat(zeros.content()).isEqualTo(clean.content());
    }
  }

  @Test
  void damagedBytesNeverBreakSalvage() throws IOException {
    Random random = new Random(SEED);
    for (Codec codec : List.of(Codec.OPUS, Codec.VP8, Codec.H264)) {
      byte[] live = recorded(codec, Container.of(codec).extension(), false);
      for (int round = 0; round < 300; round++) {
        byte[] damaged = live.clone();
        for (int i = 0; i < 20; i++) {
          damaged[8 + random.nextInt(damaged.length - 8)] = (byte) random.nextInt();
        }
        MemoryFile file = MemoryFile.of(damaged, damaged.length);
        Finished finished = Salvage.finish(file, codec);
        assertThat(finished.bytes()).isEqualTo(file.size());
      }
    }
  }

  @Test
  void hoursOfMediaAreMadeWholeInASecondOrTwo() throws IOException {
    Path file = folder.resolve("long.mp4");
    List<Sample> samples = TestMedia.video(Codec.H264, "320x240", 6);
    Path webm = folder.resolve("long.webm");
    List<Sample> vp8 = TestMedia.video(Codec.VP8, "320x240", 6);
    try (TrackWriter mp4 = TrackFiles.create(Codec.H264, file, Options.of(Codec.H264, "a.mp4"));
        TrackWriter other = TrackFiles.create(Codec.VP8, webm, Options.of(Codec.VP8, "a.webm"))) {
      byte[] picture = Arrays.copyOf(samples.get(1).data(), samples.get(1).data().length);
      for (int i = 0; i < 3 * 3600 * 25; i++) {
        boolean key = i % 250 == 0;
        byte[] data = key ? samples.getFirst().data() : picture;
        mp4.frame(i * 3600L, key, data, 0, data.length);
        byte[] vp8Data = key ? vp8.getFirst().data() : vp8.get(1).data();
        other.frame(i * 3600L, key, vp8Data, 0, vp8Data.length);
        if (i % 25 == 24) {
          mp4.flush();
          other.flush();
        }
      }
    }
    long before = System.nanoTime();
    Finished finished = Salvage.finish(file, Codec.H264);
    Finished finishedWebm = Salvage.finish(webm, Codec.VP8);
    long millis = (System.nanoTime() - before) / 1_000_000;
    assertThat(finished.frames()).isEqualTo(3 * 3600 * 25);
    assertThat(finishedWebm.frames()).isEqualTo(3 * 3600 * 25);
    assertThat(finished.durationTicks()).isEqualTo(3 * 3600 * 90_000L);
    assertThat(millis).isLessThan(4000); // both together, on a machine that may be busy
  }

  @Test
  void randomBytesAsFramesNeverBreakAWriter() throws IOException {
    Random random = new Random(SEED);
    for (Codec codec :
        List.of(Codec.OPUS, Codec.VP8, Codec.VP9, Codec.AV1, Codec.H264, Codec.H265)) {
      for (int round = 0; round < 50; round++) {
        TrackWriter writer =
            TrackFiles.on(new MemoryFile(), codec, Options.of(codec, "").withSize(320, 240), 1);
        for (int i = 0; i < 100; i++) {
          byte[] data = new byte[random.nextInt(40)];
          random.nextBytes(data);
          if (data.length > 8 && random.nextBoolean()) { // one unit that fills the frame
            Arrays.fill(data, 0, 3, (byte) 0);
            data[3] = (byte) (data.length - 4);
            data[4] = (byte) List.of(7, 8, 5, 64, 66, 68).get(random.nextInt(6)).intValue();
          }
          writer.frame(i * 3000L, random.nextInt(3) == 0, data, 0, data.length);
        }
        writer.flush();
        assertThat(writer.finish().durationTicks()).isNotNegative();
      }
    }
  }

  private static List<Sample> samples(Codec codec) throws IOException {
    return codec == Codec.OPUS
        ? TestMedia.opus(1, "20", 6).subList(0, 300)
        : TestMedia.video(codec, "320x240", 6);
  }

  private static Options options(Codec codec, String extension) {
    return Options.of(codec, "file." + extension);
  }

  private static void feedAll(Codec codec, TrackWriter writer) throws IOException {
    if (codec != Codec.OPUS) {
      feed(writer, samples(codec));
      return;
    }
    List<Sample> packets = samples(codec);
    for (int i = 0; i < packets.size(); i++) {
      writer.frame(i * 960L, true, packets.get(i).data(), 0, packets.get(i).data().length);
      if (i % 50 == 49) {
        writer.flush();
      }
    }
  }

  /** Six seconds, flushed each second. */
  private static byte[] recorded(Codec codec, String extension, boolean finished)
      throws IOException {
    MemoryFile file = new MemoryFile();
    TrackWriter writer = TrackFiles.on(file, codec, options(codec, extension), 7);
    feedAll(codec, writer);
    if (finished) {
      writer.finish();
    }
    return file.content();
  }
}
