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
  private static final Duration SECOND_PART = Duration.ofSeconds(3);
  private static final Duration LOST_AT_MOST = Duration.ofSeconds(2);
  private static final Duration FOUND_WITHIN = Duration.ofSeconds(2);

  @TempDir Path folder;

  /**
   * "Found" is counted from the ready line, when requests are taken again: by then ListEgress must
   * show the finished part within two seconds. Ready itself doesn't wait for what is found
   * (RecoveryTest shows it); what it takes is a JVM's start, which is the machine's, and told with
   * a failure.
   */
  @Test
  void afterAKillEachFilePlaysToWithinTwoSecondsAndARestartGoesOn() throws Exception {
    try (Stage stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT);
        RustPublisher one = stage.rustPublisher("kill", "one");
        RustPublisher two = stage.rustPublisher("kill", "two")) {
      Map<String, Recorded> egresses = new LinkedHashMap<>();
      begin(stage, one.publishAudio(), "opus", "ogg", egresses);
      begin(stage, one.publishVideo("h264", 320, 180), "h264", "mp4", egresses);
      begin(stage, two.publishVideo("vp8", 320, 180), "vp8", "webm", egresses);
      Stage.letPass(RECORDED);
      Instant killed = Instant.now();
      stage.spillway().kill();
      for (Recorded recorded : egresses.values()) {
        playsToTheKill(files(stage.recordings()), recorded, killed);
      }

      stage.spillway().startAgain();
      Instant ready = Instant.now();
      Duration again = stage.spillway().startTook();
      for (var egress : egresses.entrySet()) {
        EgressInfo found = awaitSecondPart(stage, egress.getKey(), ready, again);
        assertThat(Duration.ofNanos(found.getFileResults(0).getDuration()))
            .isGreaterThan(egress.getValue().until(killed).minus(LOST_AT_MOST));
      }
      Stage.letPass(SECOND_PART);
      for (var egress : egresses.entrySet()) {
        endsAsOneFile(stage, egress.getKey(), egress.getValue().codec());
      }
      assertThat(files(stage.recordings())).as("the parts are gone").hasSize(3);
    }
  }

  /** What is recorded, and since when at the latest. */
  private record Recorded(String codec, String extension, Instant began) {
    Duration until(Instant killed) {
      return Duration.between(began, killed);
    }
  }

  private static void begin(
      Stage stage, String track, String codec, String extension, Map<String, Recorded> egresses)
      throws InterruptedException {
    String id = stage.begin("kill", track);
    egresses.put(id, new Recorded(codec, extension, Instant.now()));
  }

  private static void playsToTheKill(List<Path> files, Recorded recorded, Instant killed)
      throws IOException {
    List<Path> own =
        files.stream().filter(file -> file.toString().endsWith(recorded.extension)).toList();
    assertThat(own).as("%s of %s", recorded, files).hasSize(1);
    var media = RecordedMedia.of(own.getFirst().toString()).plays(recorded.codec);
    assertThat(media.playableLength())
        .as("%s", recorded)
        .isGreaterThan(recorded.until(killed).minus(LOST_AT_MOST));
  }

  private static EgressInfo awaitSecondPart(
      Stage stage, String id, Instant ready, Duration startTook) {
    Duration left = FOUND_WITHIN.minus(Duration.between(ready, Instant.now()));
    return Awaitility.await(
            "%s goes on as its second part within %s of ready, %s of the process's start"
                .formatted(id, FOUND_WITHIN, FOUND_WITHIN.plus(startTook)))
        .atMost(left.isPositive() ? left : Duration.ofMillis(1))
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
      Instant gone = stage.server().restart();
      stage.spillway().awaitEnd(id, Duration.ofSeconds(60));
      Stage.Take take = stage.ended(id, gone);
      EgressInfo info = take.info();

      assertThat(info.getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
      assertThat(info.getDetails()).isEqualTo("End reason: Source closed");
      var media = take.media().plays("opus").hasTone(RustPublisher.TONE_HZ);
      assertThat(media.silentMillis(Duration.ofMillis(300), take.asked().minusMillis(300)))
          .as("silence until the server was gone")
          .isZero();
      media.lasts(take.asked()); // and no silence for the time that the track might have come back
    }
  }

  @Test
  void aTerminatedProcessFinishesItsFilesAndExitsInTime() throws Exception {
    try (Stage stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT);
        RustPublisher publisher = stage.rustPublisher("term", "rust")) {
      String id = stage.begin("term", publisher.publishVideo("h264", 320, 180));
      Stage.letPass(RECORDED);
      Instant told = Instant.now();
      int code = stage.spillway().stop(Duration.ofSeconds(20));

      assertThat(code).as(stage.spillway().logTail()).isIn(0, 143);
      List<Path> files = files(stage.folder());
      assertThat(files).hasSize(1);
      stage.spillway().startAgain(); // tells what became of it, and when the file began
      Stage.Take take = stage.ended(id, told);
      assertThat(take.info().getStatus())
          .as("%s", take.info())
          .isEqualTo(EgressStatus.EGRESS_COMPLETE);
      assertThat(take.info().getDetails()).isEqualTo("End reason: Process killed");
      take.media().plays("h264").lasts(take.asked());
    }
  }

  private static List<Path> files(Path below) throws IOException {
    try (Stream<Path> all = Files.walk(below)) {
      return all.filter(file -> file.toString().matches(".*\\.(ogg|webm|mp4)")).toList();
    }
  }
}
