package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.app.client.ApiException;
import io.spillway.app.clip.Clip;
import io.spillway.app.clip.RoomPublisher;
import io.spillway.core.media.Codec;
import io.spillway.core.time.SystemTime;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.TokenSigner;
import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.SpillwayCommand;
import io.spillway.interop.fixture.Stage;
import io.spillway.interop.fixture.UdpPorts;
import io.spillway.media.ffmpeg.FfmpegPrograms;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rtc.RtcEngine;
import io.spillway.rtc.RtcSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Frames that {@code spillway publish} sends (the way to H265, which no other publisher here
 * encodes), and a recorder whose configuration isn't the default one.
 */
class OwnPublisherTest {
  private static final Duration LENGTH = Duration.ofSeconds(5);
  private static final Duration A_MOMENT = Duration.ofSeconds(2);
  private static final Duration STILL = Duration.ofMillis(500);
  private static final int FIRST_PORT = 32_100;
  private static final int LAST_PORT = 32_199;
  private static final String CONFIG =
      """
      mp4_fast_start: true
      reconnect_window: 5s
      udp_port_min: %d
      udp_port_max: %d
      """
          .formatted(FIRST_PORT, LAST_PORT);

  private static final TimeSource TIME = new SystemTime();

  @TempDir static Path folder;
  private static Stage stage;

  @BeforeAll
  static void open() {
    stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT, CONFIG);
  }

  @AfterAll
  static void close() {
    stage.close();
  }

  @Test
  void encodedFilesArePublishedAndRecordedWithTheIndexInFront() throws Exception {
    Path h265 = clip("picture.h265", "libx265", "-x265-params", X265);
    Path h264 = clip("picture.h264", "libx264", "-bf", "0", "-g", "60");
    try (SpillwayCommand publisher =
        SpillwayCommand.publish(stage.server(), "own", "own", folder, h265, h264)) {
      assertThat(publisher.tracks()).hasSize(2);
      List<String> ids = new ArrayList<>();
      for (String track : publisher.tracks()) {
        ids.add(stage.begin("own", track));
      }
      Stage.letPass(LENGTH);
      assertThat(UdpPorts.of(stage.spillway().pid()))
          .hasSize(2)
          .allMatch(port -> port >= FIRST_PORT && port <= LAST_PORT);

      right(stage.end(ids.get(0)), "hevc");
      right(stage.end(ids.get(1)), "h264");
      stage.nothingWasLost();
    }
  }

  private static void right(Stage.Take take, String codec) throws IOException {
    var media = take.media().plays(codec).lasts(take.asked()).moves(STILL);
    assertThat(media.size()).isEqualTo("640x360");
    assertThat(take.file().getFilename()).endsWith(".mp4");
    String bytes =
        new String(
            Files.readAllBytes(Path.of(take.file().getLocation())), StandardCharsets.ISO_8859_1);
    assertThat(bytes.indexOf("moov")).isBetween(0, bytes.indexOf("mdat"));
  }

  private static final String X265 = "bframes=0:repeat-headers=1:keyint=60:log-level=none";

  private static Path clip(String name, String encoder, String... how) throws IOException {
    FfmpegPrograms programs =
        FfmpegPrograms.unpack(Path.of(System.getProperty("java.io.tmpdir"), "spillway-ffmpeg"));
    Path file = folder.resolve(name);
    List<String> arguments =
        new ArrayList<>(
            List.of("-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30:d=6"));
    arguments.addAll(
        List.of("-pix_fmt", "yuv420p", "-c:v", encoder, "-preset", "ultrafast", "-b:v", "800k"));
    arguments.addAll(List.of(how));
    arguments.add(file.toString());
    var run = programs.run(arguments, Duration.ofMinutes(1));
    assertThat(run.exitCode()).as(run.errors()).isZero();
    return file;
  }

  @Test
  void soundThatNeedsACodecIsRefusedAtOnce() throws Exception {
    List<Clip.ClipFrame> quiet =
        IntStream.range(0, 50)
            .mapToObj(i -> new Clip.ClipFrame(i * 160L, true, new byte[160]))
            .toList();
    TokenSigner tokens = new TokenSigner(LiveKitServer.KEY, TIME);
    try (RtcEngine engine = new RtcEngine(RtcSettings.defaults(), TIME, new SecureRandom());
        RoomPublisher publisher =
            RoomPublisher.publish(
                engine,
                stage.server().url(),
                () -> tokens.participant("phone", "call", Duration.ofMinutes(1)),
                List.of(new Clip(Codec.PCMU, quiet, 8000, 0, 0, 1)),
                TIME,
                Duration.ofSeconds(10))) {
      String track = publisher.trackSids().getFirst();
      assertThatThrownBy(() -> stage.ask("call", track))
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("audio/pcmu needs a codec");
    }
  }

  @Test
  void aTrackPublishedAgainWithinTheWindowIsFollowedIntoTheSameFile() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("again", "rust")) {
      String first = publisher.publishAudio();
      String id = stage.begin("again", first);
      Stage.letPass(A_MOMENT);
      publisher.unpublish("audio");
      Stage.letPass(A_MOMENT);
      assertThat(publisher.publishAudio()).isNotEqualTo(first);
      Stage.letPass(LENGTH);
      Stage.Take take = stage.end(id);

      var media = take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
      assertThat(media.silentMillis(Duration.ZERO, take.asked())).isBetween(1500L, 4000L);
      assertThat(media.silentMillis(take.asked().minusSeconds(3), take.asked().minusMillis(300)))
          .as("the new track is heard to the end")
          .isZero();
    }
  }

  @Test
  void aTrackThatStaysAwayLongerThanTheWindowEndsItsRecording() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("away", "rust")) {
      String id = stage.begin("away", publisher.publishAudio());
      Stage.letPass(A_MOMENT);
      publisher.unpublish("audio");
      EgressInfo info = stage.spillway().awaitEnd(id, Duration.ofSeconds(15));

      assertThat(info.getStatus()).as("%s", info).isEqualTo(EgressStatus.EGRESS_COMPLETE);
      assertThat(info.getDetails()).isEqualTo("End reason: Source closed");
      assertThat(Duration.ofNanos(info.getEndedAt() - info.getStartedAt()))
          .isGreaterThan(Duration.ofSeconds(6)); // it was waited for
    }
  }
}
