package io.spillway.media.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.spillway.core.media.Codec;
import io.spillway.media.TrackWriter;
import io.spillway.media.ffmpeg.MediaProbe;
import io.spillway.media.ffmpeg.ProgramRun;
import io.spillway.media.track.TrackFiles.Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TrackFilesTest {
  private static final int STEP = 3600; // 25 pictures a second at 90 kHz

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "VP8, webm, vp8",
    "VP9, webm, vp9",
    "AV1, webm, av1",
    "AV1, mp4, av1",
    "H264, mp4, h264",
    "H265, mp4, hevc"
  })
  void everyPictureOfATrackIsInItsFileAndDecodes(Codec codec, String extension, String name)
      throws IOException {
    List<Sample> samples = TestMedia.video(codec, "320x240", 6);
    Path file = folder.resolve("picture." + extension);

    TrackWriter.Finished finished = write(codec, file, samples, false);

    MediaProbe probe = MediaProbe.of(TestMedia.programs(), file);
    assertThat(probe.stream().codec()).isEqualTo(name);
    assertThat(probe.stream().width()).isEqualTo(320);
    assertThat(probe.stream().height()).isEqualTo(240);
    assertThat(probe.stream().frames()).isEqualTo(samples.size());
    assertThat(probe.durationSeconds()).isCloseTo(6.0, within(0.001));
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).isEmpty();
    assertThat(decodedFrames(file, "0")).isEqualTo(samples.size());
    assertThat(finished)
        .isEqualTo(new TrackWriter.Finished(6L * 90_000, Files.size(file), samples.size()));
  }

  @ParameterizedTest
  @CsvSource({"VP8, webm", "H264, mp4", "AV1, mp4"})
  void aFinishedFileIsSeekable(Codec codec, String extension) throws IOException {
    Path file = folder.resolve("picture." + extension);
    write(codec, file, TestMedia.video(codec, "320x240", 6), false);

    assertThat(decodedFrames(file, "4")).isEqualTo(2 * TestMedia.FRAMES_PER_SECOND);
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
        .contains(extension.equals("webm") ? "\u001cS\u00bbk" : "stss");
  }

  @Test
  void anMp4CanHaveItsIndexInFront() throws IOException {
    Path plain = folder.resolve("plain.mp4");
    Path fast = folder.resolve("fast.mp4");
    List<Sample> samples = TestMedia.video(Codec.H264, "320x240", 6);
    write(Codec.H264, plain, samples, false);
    TrackWriter.Finished finished = write(Codec.H264, fast, samples, true);

    assertThat(finished.bytes()).isEqualTo(Files.size(fast)).isEqualTo(Files.size(plain));
    assertThat(indexOf(fast, "moov")).isLessThan(indexOf(fast, "mdat"));
    assertThat(indexOf(plain, "mdat")).isLessThan(indexOf(plain, "moov"));
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), fast)).isEmpty();
    assertThat(decodedFrames(fast, "4")).isEqualTo(50);
    assertThat(folder.toFile().list()).hasSize(2);
    byte[] before = Files.readAllBytes(fast);
    assertThat(Salvage.finish(fast, Codec.H264)).isEqualTo(finished);
    assertThat(Salvage.finishForFastStart(fast, Codec.H264)).isEqualTo(finished);
    assertThat(Files.readAllBytes(fast)).isEqualTo(before);
  }

  @Test
  void whatACrashLeftCanHaveItsIndexInFrontToo() throws IOException {
    Path torn = folder.resolve("torn.mp4");
    try (TrackWriter writer = TrackFiles.create(Codec.H264, torn, options(Codec.H264, torn))) {
      feed(writer, TestMedia.video(Codec.H264, "320x240", 6)); // and never its end
    }
    TrackWriter.Finished finished = Salvage.finishForFastStart(torn, Codec.H264);

    assertThat(finished.bytes()).isEqualTo(Files.size(torn));
    assertThat(indexOf(torn, "moov")).isLessThan(indexOf(torn, "mdat"));
    assertThat(decodedFrames(torn, "4")).isEqualTo(50);
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), torn)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"H264, mp4", "H265, mp4", "VP8, webm", "VP9, webm", "AV1, webm", "AV1, mp4"})
  void aPictureSizeThatChangesOnTheWayStillDecodes(Codec codec, String extension)
      throws IOException {
    List<Sample> samples = new ArrayList<>(TestMedia.video(codec, "320x240", 2));
    samples.addAll(TestMedia.video(codec, "640x480", 2));
    samples.addAll(TestMedia.video(codec, "320x240", 2));
    Path live = folder.resolve("live." + extension);
    Path file = folder.resolve("picture." + extension);

    try (TrackWriter writer = TrackFiles.create(codec, live, options(codec, live))) {
      feed(writer, samples);
      writer.flush();
    }
    write(codec, file, samples, false);

    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), live)).isEmpty();
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).isEmpty();
    assertThat(decodedFrames(live, "0")).isEqualTo(samples.size());
    assertThat(decodedFrames(file, "0")).isEqualTo(samples.size());
    assertThat(decodedFrames(file, "2")).isEqualTo(4 * TestMedia.FRAMES_PER_SECOND);
    MediaProbe probe = MediaProbe.of(TestMedia.programs(), file);
    assertThat(probe.durationSeconds()).isCloseTo(6.0, within(0.001));
    if (codec == Codec.VP8) { // ffprobe takes the others' size from the first frame
      assertThat(probe.stream().width()).isEqualTo(640);
    }
  }

  @ParameterizedTest
  @CsvSource({"VP8, webm", "H264, mp4"})
  void aGapHoldsThePictureAndTheEndIsWhereTheHoldEnds(Codec codec, String extension)
      throws IOException {
    List<Sample> samples = TestMedia.video(codec, "320x240", 6);
    Path file = folder.resolve("picture." + extension);
    try (TrackWriter writer = TrackFiles.create(codec, file, options(codec, file))) {
      long at = 0;
      for (int i = 0; i < 100; i++) {
        at += i == 50 ? 10 * 90_000 : 0;
        Sample sample = samples.get(i);
        writer.frame(at, sample.key(), sample.data(), 0, sample.data().length);
        at += STEP;
      }
      for (int second = 15; second <= 20; second++) {
        writer.holdUntil(second * 90_000L);
        writer.flush();
      }
      assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).isEmpty();
      assertThat(packetTimes(file).get(50)).isCloseTo(12.0, within(0.001));
      assertThat(writer.finish().durationTicks()).isEqualTo(20 * 90_000L);
    }
    MediaProbe probe = MediaProbe.of(TestMedia.programs(), file);
    assertThat(probe.durationSeconds()).isCloseTo(20.0, within(0.001));
    assertThat(probe.stream().frames()).isEqualTo(100);
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).isEmpty();
    assertThat(packetTimes(file).get(50)).isCloseTo(12.0, within(0.001));
  }

  @Test
  void bytesMoveWhileATrackIsMuted() throws IOException {
    for (Codec codec : List.of(Codec.VP8, Codec.H264)) {
      MemoryFile file = new MemoryFile();
      TrackWriter writer = TrackFiles.on(file, codec, Options.of(codec, ""), 1);
      feed(writer, TestMedia.video(codec, "320x240", 6).subList(0, 25));
      writer.flush();
      long before = writer.bytesWritten();
      writer.holdUntil(2 * 90_000);
      writer.flush();
      assertThat(writer.bytesWritten()).isBetween(before + 20, before + 40);
      assertThat(Salvage.finish(file, codec).durationTicks()).isEqualTo(2 * 90_000);
    }
  }

  @Test
  void onlyTheFrontAndTheTailChangeAtTheEnd() throws IOException {
    for (Codec codec : List.of(Codec.VP8, Codec.H264)) {
      MemoryFile file = new MemoryFile();
      TrackWriter writer = TrackFiles.on(file, codec, Options.of(codec, ""), 1);
      feed(writer, TestMedia.video(codec, "320x240", 6));
      writer.flush();
      byte[] live = file.content();
      writer.finish();
      byte[] finished = file.content();
      int firstMedia = 1024;
      assertThat(finished).hasSizeGreaterThan(live.length);
      assertThat(Arrays.mismatch(live, firstMedia, live.length, finished, firstMedia, live.length))
          .isEqualTo(-1);
    }
  }

  @Test
  void picturesBeforeTheFirstKeyFrameAreLeftOut() throws IOException {
    List<Sample> samples = TestMedia.video(Codec.H264, "320x240", 6);
    Path file = folder.resolve("picture.mp4");
    try (TrackWriter writer = TrackFiles.create(Codec.H264, file, options(Codec.H264, file))) {
      feed(writer, samples.subList(40, 100));
      TrackWriter.Finished finished = writer.finish();
      assertThat(finished.frames()).isEqualTo(50);
      assertThat(finished.durationTicks()).isEqualTo(2 * 90_000L);
    }
    MediaProbe probe = MediaProbe.of(TestMedia.programs(), file);
    assertThat(probe.startSeconds()).isCloseTo(0.4, within(0.001));
    assertThat(probe.durationSeconds()).isCloseTo(2.0, within(0.001));
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).isEmpty();
  }

  @Test
  void aTrackWithoutAnyFrameLeavesAnEmptyFile() throws IOException {
    for (Codec codec : List.of(Codec.OPUS, Codec.VP8, Codec.H264)) {
      Path file = folder.resolve("none-" + codec);
      try (TrackWriter writer = TrackFiles.create(codec, file, options(codec, file))) {
        writer.flush();
        assertThat(writer.finish()).isEqualTo(new TrackWriter.Finished(0, 0, 0));
      }
      assertThat(file).isEmptyFile();
    }
  }

  @Test
  void aCodecThatHasToBeEncodedAnewIsRefused() {
    Path file = folder.resolve("speech.ogg");
    assertThatThrownBy(() -> TrackFiles.create(Codec.PCMU, file, Options.of(Codec.PCMU, "a.ogg")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PCMU");
    assertThat(file).doesNotExist();
  }

  static Options options(Codec codec, Path file) {
    return Options.of(codec, file.toString());
  }

  static void feed(TrackWriter writer, List<Sample> samples) throws IOException {
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i);
      writer.frame((long) i * STEP, sample.key(), sample.data(), 0, sample.data().length);
      if (i % 25 == 24) {
        writer.flush();
      }
    }
  }

  private TrackWriter.Finished write(Codec codec, Path file, List<Sample> samples, boolean fast)
      throws IOException {
    Options options = options(codec, file).withMp4FastStart(fast);
    try (TrackWriter writer = TrackFiles.create(codec, file, options)) {
      feed(writer, samples);
      return writer.finish();
    }
  }

  private static long decodedFrames(Path file, String fromSeconds) throws IOException {
    ProgramRun run =
        TestMedia.programs()
            .run(
                List.of(
                    "-v",
                    "error",
                    "-ss",
                    fromSeconds,
                    "-i",
                    file.toString(),
                    "-fps_mode",
                    "passthrough",
                    "-f",
                    "framemd5",
                    "-"),
                Duration.ofMinutes(1));
    assertThat(run.errors()).isEmpty();
    return run.output().lines().filter(line -> !line.startsWith("#")).count();
  }

  private static List<Double> packetTimes(Path file) throws IOException {
    return TestMedia.programs()
        .probe(
            List.of(
                "-v",
                "error",
                "-show_entries",
                "packet=pts_time",
                "-of",
                "csv=p=0",
                file.toString()),
            Duration.ofMinutes(1))
        .output()
        .lines()
        .map(line -> Double.valueOf(line.replace(",", "")))
        .toList();
  }

  private static int indexOf(Path file, String type) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int at = 0;
    while (at + 8 <= bytes.length) {
      String found = new String(bytes, at + 4, 4, StandardCharsets.US_ASCII);
      if (found.equals(type)) {
        return at;
      }
      ByteBuffer box = ByteBuffer.wrap(bytes);
      long size = Integer.toUnsignedLong(box.getInt(at));
      at += (int) (size == 1 ? box.getLong(at + 8) : size);
    }
    return -1;
  }
}
