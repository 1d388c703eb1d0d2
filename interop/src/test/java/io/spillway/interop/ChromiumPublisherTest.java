package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.ChromiumPublisher;
import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressStatus;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tracks of a real browser, over a server that gives each client a port of its own. */
class ChromiumPublisherTest {
  private static final Duration LENGTH = Duration.ofSeconds(5);
  private static final Duration STILL = Duration.ofMillis(800);

  @TempDir static Path folder;
  private static Stage stage;

  @BeforeAll
  static void open() {
    stage = Stage.set(folder, LiveKitServer.Media.PORT_RANGE);
  }

  @AfterAll
  static void close() {
    stage.close();
  }

  @ParameterizedTest
  @CsvSource({"vp8, vp8, .webm", "vp9, vp9, .webm", "h264, h264, .mp4", "av1, av1, .webm"})
  void aCameraIsRecorded(String codec, String ffmpegName, String extension) throws Exception {
    String room = "camera-" + codec;
    try (ChromiumPublisher publisher = stage.chromiumPublisher(room, "browser")) {
      String track = publisher.publishVideo(codec, 640, 360, false);
      Stage.Take take = stage.record(room, track, LENGTH);

      take.media().plays(ffmpegName).lasts(take.asked()).moves(STILL);
      assertThat(take.file().getFilename()).endsWith(extension);
      stage.nothingWasLost();
    }
  }

  @Test
  void anAv1CameraGoesIntoAnMp4WhereItsNameSaysSo() throws Exception {
    try (ChromiumPublisher publisher = stage.chromiumPublisher("camera-mp4", "browser")) {
      String track = publisher.publishVideo("av1", 640, 360, false);
      String id = stage.ask("camera-mp4", track, stage.recordings() + "/camera.mp4").getEgressId();
      stage.spillway().await(id, EgressStatus.EGRESS_ACTIVE, LENGTH);
      Stage.letPass(LENGTH);
      Stage.Take take = stage.end(id);

      take.media().plays("av1").lasts(take.asked()).moves(STILL);
      assertThat(take.file().getFilename()).endsWith("/camera.mp4");
    }
  }

  @Test
  void ofASimulcastTrackTheBestLayerIsRecorded() throws Exception {
    try (ChromiumPublisher publisher = stage.chromiumPublisher("simulcast", "browser")) {
      String track = publisher.publishVideo("vp8", 1280, 720, true);
      assertThat(publisher.encodings()).as("layers").hasSize(3);
      isRecordedInFullSize(publisher, "simulcast", track, "vp8", 1280, 720);
    }
  }

  /** One stream with three layers of size in it, each key frame of one carrying all. */
  @ParameterizedTest
  @ValueSource(strings = {"vp9", "av1"})
  void ofAScalableTrackTheBestLayerIsRecorded(String codec) throws Exception {
    String room = "svc-" + codec;
    try (ChromiumPublisher publisher = stage.chromiumPublisher(room, "browser")) {
      String track = publisher.publishVideo(codec, 640, 360, true);
      assertThat(publisher.encodings()).hasSize(1).first().asString().startsWith("L3T");
      isRecordedInFullSize(publisher, room, track, codec, 640, 360);
    }
  }

  /** The server begins with what it has at once and goes up with the next key frames. */
  private static void isRecordedInFullSize(
      ChromiumPublisher publisher, String room, String track, String codec, int width, int height)
      throws Exception {
    publisher.awaitSentWidth(width, Duration.ZERO); // its bandwidth estimate climbs to it
    String id = stage.begin(room, track);
    publisher.awaitSentWidth(width, Duration.ofSeconds(8)); // short of CPU it goes down for a while
    Stage.Take take = stage.end(id);

    String size = width + "x" + height;
    var media = take.media().plays(codec).lasts(take.asked()).moves(STILL);
    assertThat(media.pictureSizes(take.asked().minusSeconds(3)))
        .as("of the sizes %s", media.pictureSizes(Duration.ZERO))
        .containsExactly(size);
    // As the file tells it; FFmpeg tells of VP9 what its first picture has.
    assertThat(media.webmSize()).isEqualTo(size);
    stage.nothingWasLost();
  }

  /** The browser sends RED; the recorder doesn't offer it, so the server takes it apart. */
  @Test
  void aToneThatTheBrowserSendsRedundantlyIsRecordedAsPlainOpus() throws Exception {
    try (ChromiumPublisher publisher = stage.chromiumPublisher("red", "browser")) {
      Stage.Take take = stage.record("red", publisher.publishAudio(), LENGTH);

      assertThat(publisher.sentCodec("audio")).isEqualTo("audio/red");
      take.media().plays("opus").lasts(take.asked()).hasTone(440);
      stage.nothingWasLost();
    }
  }
}
