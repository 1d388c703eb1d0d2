package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of the whole process, and servers that vanish. */
class CrashTest {
  private static final Duration RECORDED = Duration.ofSeconds(6);
  private static final Duration LOST_AT_MOST = Duration.ofSeconds(2);
  private static final Duration FOUND_WITHIN = Duration.ofSeconds(2);

  @TempDir Path folder;

  /**
   * "Found" is counted from the ready line, when requests are taken again: by then ListEgress must
   * show the finished part within two seconds. The JVM's own start before it is the machine's.
   */
  @Test
  void afterAKillEachFilePlaysToWithinTwoSecondsAndARestartGoesOn() throws Exception {
    try (Stage stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT);
        RustPublisher one = stage.rustPublisher("kill", "one");
        RustPublisher two = stage.rustPublisher("kill", "two")) {
      Map<String, String> egresses = new LinkedHashMap<>();
      egresses.put(stage.begin("kill", one.publishAudio()), "opus");
      egresses.put(stage.begin("kill", one.publishVideo("h264", 320, 180)), "h264");
      egresses.put(stage.begin("kill", two.publishVideo("vp8", 320, 180)), "vp8");
      Instant began = Instant.now();
      Stage.letPass(RECORDED);
      stage.spillway().kill();
      Duration recorded = Duration.between(began, Instant.now());
      playsToTheKill(files(stage.recordings()), recorded);

      stage.spillway().startAgain();
      Instant ready = Instant.now();
      for (String id : egresses.keySet()) {
        EgressInfo found = awaitSecondPart(stage, id, ready.plus(FOUND_WITHIN));
        assertThat(Duration.ofNanos(found.getFileResults(0).getDuration()))
            .isGreaterThan(recorded.minus(LOST_AT_MOST));
      }
      Stage.letPass(Duration.ofSeconds(3));
      for (var egress : egresses.entrySet()) {
        endsAsOneFile(stage, egress.getKey(), egress.getValue());
      }
      assertThat(files(stage.recordings())).as("the parts are gone").hasSize(3);
    }
  }

  private static void playsToTheKill(List<Path> files, Duration recorded) throws IOException {
    assertThat(files)
        .extracting(file -> file.toString().replaceAll(".*\\.", ""))
        .containsExactlyInAnyOrder("ogg", "mp4", "webm");
    for (Path file : files) {
      var media = RecordedMedia.of(file.toString());
      media.plays(media.codec());
      assertThat(media.playableLength()).as("%s", file).isGreaterThan(recorded.minus(LOST_AT_MOST));
    }
  }

  private static EgressInfo awaitSecondPart(Stage stage, String id, Instant until) {
    return Awaitility.await(id + " goes on as its second part")
        .atMost(Duration.between(Instant.now(), until).plusMillis(1))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> stage.spillway().client().find(id).orElseThrow(),
            info -> info.getFileResultsCount() == 2 && info.getFileResults(0).getDuration() > 0);
  }

  /** From its first start to its end, the seconds without a process included. */
  private static void endsAsOneFile(Stage stage, String id, String codec) throws Exception {
    FileInfo first = stage.spillway().client().find(id).orElseThrow().getFileResults(0);
    Instant stopped = Instant.now();
    stage.spillway().client().stop(id);
    EgressInfo info =
        stage.spillway().await(id, EgressStatus.EGRESS_COMPLETE, Duration.ofSeconds(10));
    assertThat(info.getFileResultsCount()).as("%s", info).isEqualTo(1);
    FileInfo whole = info.getFileResults(0);
    assertThat(whole.getLocation()).isEqualTo(first.getLocation());
    assertThat(Path.of(whole.getLocation())).hasSize(whole.getSize());
    Duration recorded = Duration.between(Instant.ofEpochSecond(0, first.getStartedAt()), stopped);
    assertThat(Duration.ofNanos(whole.getDuration()))
        .as("%s from its start to its stop", codec)
        .isCloseTo(recorded, RecordedMedia.TOLERANCE);
    RecordedMedia.of(whole.getLocation()).plays(codec).lasts(recorded);
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
      assertThat(Path.of(info.getManifestLocation()))
          .hasFileName(id + ".json")
          .content()
          .contains("\"location\":\"" + info.getFileResults(0).getLocation() + "\"");
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
