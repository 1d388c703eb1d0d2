package io.spillway.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import io.spillway.media.ffmpeg.FfmpegPrograms;
import io.spillway.media.ffmpeg.MediaProbe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckTest {
  @TempDir private Path folder;

  private static final MediaProbe OPUS =
      new MediaProbe(
          "ogg",
          0,
          5,
          1000,
          List.of(new MediaProbe.MediaStream("audio", "opus", "", 0, 0, 1, 250)));

  @Test
  void aFileThatDecodesAndIsAsLongAsAskedIsRight() {
    assertThat(Check.wrong(OPUS, List.of(), Codec.OPUS, seconds(5.2), seconds(5))).isEmpty();
  }

  @Test
  void whatIsWrongIsSaid() {
    assertThat(Check.wrong(OPUS, List.of("bad packet"), Codec.OPUS, seconds(5), seconds(5)))
        .contains("1 decode errors: bad packet");
    assertThat(Check.wrong(OPUS, List.of(), Codec.VP8, seconds(5), seconds(5)))
        .contains("expected one VP8 track");
    assertThat(Check.wrong(OPUS, List.of(), Codec.OPUS, seconds(4.7), seconds(5)))
        .contains("asked for 5000 ms, it has 4700 ms");
  }

  @ParameterizedTest
  @CsvSource({
    "VP8, libvpx, .webm, testsrc2=size=320x180:rate=30:d=3, ",
    "VP8, libvpx, .webm, color=black:s=320x180:r=30:d=3, its picture stands still",
    "OPUS, libopus, .ogg, sine=frequency=300:sample_rate=48000:d=3, ",
    "OPUS, libopus, .ogg, anullsrc=sample_rate=48000:d=3, its sound is silent from second 0",
  })
  void aPictureMustMoveAndASoundMustBeHeard(
      Codec codec, String encoder, String extension, String source, @Nullable String wrong)
      throws Exception {
    FfmpegPrograms programs =
        FfmpegPrograms.unpack(Path.of(System.getProperty("java.io.tmpdir"), "spillway-ffmpeg"));
    Path file = folder.resolve("made" + extension);
    String map = codec.kind() == Codec.Kind.VIDEO ? "-c:v" : "-c:a";
    List<String> arguments =
        List.of("-v", "error", "-f", "lavfi", "-i", source, map, encoder, file.toString());
    assertThat(programs.run(arguments, Duration.ofMinutes(1)).exitCode()).isZero();

    Optional<String> found = Check.of(programs, file, codec, seconds(3)).wrong();

    if (wrong == null) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found.orElseThrow()).startsWith(wrong);
    }
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
