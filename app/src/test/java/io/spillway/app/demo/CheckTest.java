package io.spillway.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import io.spillway.media.ffmpeg.MediaProbe;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckTest {
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

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
