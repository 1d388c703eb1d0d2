package io.spillway.media.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spillway.core.media.Codec;
import io.spillway.media.TrackWriter;
import io.spillway.media.TrackWriter.Finished;
import io.spillway.media.ffmpeg.MediaProbe;
import io.spillway.media.track.TrackFiles.Options;
import io.spillway.media.track.TrackJoin.Piece;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parts of six seconds, the first one left by a kill, copied into one file. */
final class TrackJoinTest {
  private static final long SECOND = 1_000_000_000L;

  @TempDir Path folder;

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
  void allFramesOfBothPartsAreInOneFileAsFarApartAsTheyWere(Codec codec, String extension)
      throws IOException {
    Path first = part(codec, "1." + extension, "320x240", false);
    Path second = part(codec, "2." + extension, "320x240", true);
    Path joined = folder.resolve("joined." + extension);

    Finished finished =
        TrackJoin.join(
                List.of(new Piece(first, 0), new Piece(second, 8 * SECOND + SECOND / 2)),
                joined,
                codec,
                false)
            .orElseThrow();

    assertThat(finished.durationTicks()).isEqualTo(29L * codec.clockRate() / 2);
    assertThat(finished.bytes()).isEqualTo(Files.size(joined));
    MediaProbe probe = MediaProbe.of(TestMedia.programs(), joined);
    assertThat(probe.durationSeconds()).isCloseTo(14.5, within(0.01));
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), joined)).isEmpty();
    if (codec != Codec.OPUS) {
      assertThat(finished.frames()).isEqualTo(300);
      assertThat(probe.stream().frames()).isEqualTo(300);
      assertThat(probe.stream().width()).isEqualTo(320);
    }
    assertThat(Salvage.finish(joined, codec)).as("is a file like any other").isEqualTo(finished);
  }

  @Test
  void threePartsAndPartsThatSeemToOverlapFollowOneAnother() throws IOException {
    List<Piece> pieces =
        List.of(
            new Piece(part(Codec.VP8, "1.webm", "320x240", false), 0),
            new Piece(part(Codec.VP8, "2.webm", "320x240", false), 5 * SECOND),
            new Piece(part(Codec.VP8, "3.webm", "320x240", true), 20 * SECOND));
    Path joined = folder.resolve("joined.webm");
    Finished finished = TrackJoin.join(pieces, joined, Codec.VP8, false).orElseThrow();

    assertThat(finished).isEqualTo(new Finished(26 * 90_000, Files.size(joined), 450));
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), joined)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"H264, mp4", "H265, mp4", "AV1, mp4", "AV1, webm"})
  void partsThatADecoderHasToBeSetUpForAnewStayApart(Codec codec, String extension)
      throws IOException {
    Path first = part(codec, "1." + extension, "320x240", false);
    Path second = part(codec, "2." + extension, "640x480", true);
    byte[] before = Files.readAllBytes(second);

    assertThat(
            TrackJoin.join(
                List.of(new Piece(first, 0), new Piece(second, 7 * SECOND)),
                folder.resolve("joined." + extension),
                codec,
                false))
        .isEmpty();
    assertThat(Files.readAllBytes(second)).isEqualTo(before);
  }

  @Test
  void anMp4sIndexGoesInFrontWhereThatIsWanted() throws IOException {
    Path first = part(Codec.H264, "1.mp4", "320x240", false);
    Path second = part(Codec.H264, "2.mp4", "320x240", true);
    Path joined = folder.resolve("joined.mp4");
    List<Piece> pieces = List.of(new Piece(first, 0), new Piece(second, 7 * SECOND));
    Finished finished = TrackJoin.join(pieces, joined, Codec.H264, true).orElseThrow();

    String bytes = Files.readString(joined, StandardCharsets.ISO_8859_1);
    assertThat(bytes.indexOf("moov")).isLessThan(bytes.indexOf("mdat"));
    assertThat(finished.durationTicks()).isEqualTo(13 * 90_000);
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), joined)).isEmpty();
    Path again = folder.resolve("again.mp4");
    assertThat(
            TrackJoin.join(
                    List.of(new Piece(joined, 0), new Piece(second, 14 * SECOND)),
                    again,
                    Codec.H264,
                    false)
                .orElseThrow()
                .frames())
        .as("a joined part can be joined again")
        .isEqualTo(450);
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), again)).isEmpty();
  }

  private Path part(Codec codec, String name, String size, boolean finished) throws IOException {
    Path path = folder.resolve(name);
    List<Sample> samples =
        codec == Codec.OPUS
            ? TestMedia.opus(1, "20", 6).subList(0, 300)
            : TestMedia.video(codec, size, 6);
    int step = codec == Codec.OPUS ? 960 : 3600;
    try (TrackWriter writer = TrackFiles.create(codec, path, Options.of(codec, name))) {
      for (int i = 0; i < samples.size(); i++) {
        byte[] data = samples.get(i).data();
        writer.frame((long) i * step, samples.get(i).key(), data, 0, data.length);
        if (i % 40 == 39) {
          writer.flush();
        }
      }
      writer.flush();
      if (finished) {
        writer.finish();
      }
    }
    return path;
  }
}
