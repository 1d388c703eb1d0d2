package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kill -9 of the whole process, and servers that vanish. */
class CrashTest {
  private static final Duration RECORDED = Duration.ofSeconds(6);
  private static final Duration LOST_AT_MOST = Duration.ofSeconds(2);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"vp8", "h264"})
  void afterAKillTheFilePlaysToWithinTwoSecondsOfIt(String codec) throws Exception {
    try (Stage stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT);
        RustPublisher publisher = stage.rustPublisher("kill", "rust")) {
      stage.begin("kill", publisher.publishAudio());
      stage.begin("kill", publisher.publishVideo(codec, 320, 180));
      Instant began = Instant.now();
      Stage.letPass(RECORDED);
      stage.spillway().kill();
      Duration recorded = Duration.between(began, Instant.now());

      List<Path> files = files(stage.folder());
      assertThat(files).hasSize(2);
      for (Path file : files) {
        var media = RecordedMedia.of(file.toString());
        media.plays(media.codec());
        assertThat(media.playableLength())
            .as("%s", file)
            .isGreaterThan(recorded.minus(LOST_AT_MOST));
      }
    }
  }

  @Test
  void aRestartFinishesThePartAndGoesOnWithALiveTrack() throws Exception {
    try (Stage stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT);
        RustPublisher publisher = stage.rustPublisher("resume", "rust")) {
      String id = stage.begin("resume", publisher.publishAudio());
      Stage.letPass(RECORDED);
      stage.spillway().kill();
      stage.spillway().startAgain();
      stage.spillway().await(id, EgressStatus.EGRESS_ACTIVE, Duration.ofSeconds(10));
      Stage.letPass(Duration.ofSeconds(3));
      stage.spillway().client().stop(id);
      EgressInfo info =
          stage.spillway().await(id, EgressStatus.EGRESS_COMPLETE, Duration.ofSeconds(10));

      assertThat(info.getFileResultsCount()).as("%s", info).isEqualTo(2);
      for (var part : info.getFileResultsList()) {
        RecordedMedia.of(part.getLocation()).plays("opus").hasTone(RustPublisher.TONE_HZ);
      }
    }
  }

  @Test
  void aRestartAfterTheTrackIsGoneEndsTheEgressWithWhatWasRecorded() throws Exception {
    try (Stage stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT);
        RustPublisher publisher = stage.rustPublisher("gone", "rust")) {
      String id = stage.begin("gone", publisher.publishAudio());
      Stage.letPass(RECORDED);
      stage.spillway().kill();
      publisher.leave();
      stage.spillway().startAgain();
      EgressInfo info = stage.spillway().awaitEnd(id, Duration.ofSeconds(60));

      assertThat(info.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
      assertThat(info.getErrorCode()).isEqualTo(503);
      assertThat(info.getError()).isEqualTo("recording ended early: node lost");
      assertThat(info.getFileResultsCount()).isEqualTo(1);
      RecordedMedia.of(info.getFileResults(0).getLocation()).plays("opus");
    }
  }

  /** The publisher stays and comes back by itself: its track is another one then. */
  @Test
  void aServerThatRestartsEndsTheEgressAsItsSourceClosed() throws Exception {
    try (Stage stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT);
        RustPublisher publisher = stage.rustPublisher("restart", "rust")) {
      String id = stage.begin("restart", publisher.publishAudio());
      Stage.letPass(RECORDED);
      stage.server().restart();
      EgressInfo info = stage.spillway().awaitEnd(id, Duration.ofSeconds(60));

      assertThat(info.getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
      assertThat(info.getDetails()).isEqualTo("End reason: Source closed");
      RecordedMedia.of(info.getFileResults(0).getLocation())
          .plays("opus")
          .hasTone(RustPublisher.TONE_HZ);
    }
  }

  @Test
  void aTerminatedProcessFinishesItsFilesAndExitsInTime() throws Exception {
    try (Stage stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT);
        RustPublisher publisher = stage.rustPublisher("term", "rust")) {
      stage.begin("term", publisher.publishVideo("h264", 320, 180));
      Stage.letPass(RECORDED);
      int code = stage.spillway().stop(Duration.ofSeconds(20));

      assertThat(code).as(stage.spillway().logTail()).isIn(0, 143);
      List<Path> files = files(stage.folder());
      assertThat(files).hasSize(1);
      RecordedMedia.of(files.getFirst().toString()).plays("h264").lasts(RECORDED, LOST_AT_MOST);
    }
  }

  private static List<Path> files(Path below) throws IOException {
    try (Stream<Path> all = Files.walk(below)) {
      return all.filter(file -> file.toString().matches(".*\\.(ogg|webm|mp4)")).toList();
    }
  }
}
