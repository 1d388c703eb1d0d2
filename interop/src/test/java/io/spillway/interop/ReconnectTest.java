package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.LossyRelay;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.SignalProxy;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recorder's own way to the server breaks, in each half and in both; the publisher's doesn't.
 * And the ways in which a server sends a recorder away for good.
 */
class ReconnectTest {
  private static final Duration A_MOMENT = Duration.ofSeconds(2);

  /** Longer than the silence after which the recorder sees that its path is down. */
  private static final Duration DARK = Duration.ofSeconds(7);

  private static final Duration REPAIR = Duration.ofSeconds(25);

  /** Longer than a re-join's pauses: who comes back at all has come back by then. */
  private static final Duration NO_RETURN = Duration.ofSeconds(4);

  @TempDir static Path folder;
  private static LiveKitServer server;
  private static LossyRelay relay;
  private static SignalProxy proxy;
  private static Stage stage;

  @BeforeAll
  static void open() {
    server = LiveKitServer.start(folder.resolve("livekit"), LiveKitServer.Media.THROUGH_RELAY);
    relay = new LossyRelay(server, 3);
    proxy = new SignalProxy(server, 3);
    stage = Stage.over(folder, server, proxy.url());
  }

  @AfterAll
  static void close() {
    stage.close();
    proxy.close();
    relay.close();
  }

  private static RustPublisher publisher(String room) throws InterruptedException {
    relay.spareNewcomers();
    return stage.rustPublisher(room, "rust-" + room);
  }

  /** Records over a path that can be severed. */
  private static String begin(String room, String track) throws InterruptedException {
    relay.impairNewcomers(0, 0);
    return stage.begin(room, track);
  }

  private static double counted(String what) throws Exception {
    return stage.spillway().counter("spillway_media_" + what + "_total");
  }

  private static void awaitMore(String what, double than) {
    Awaitility.await("more " + what + " than " + than)
        .atMost(REPAIR)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> counted(what) > than);
  }

  @Test
  void lostSignallingIsResumedAndNothingIsMissing() throws Exception {
    try (RustPublisher publisher = publisher("signal")) {
      String id = begin("signal", publisher.publishAudio());
      Stage.letPass(A_MOMENT);
      double before = counted("reconnects");
      proxy.cut();
      awaitMore("reconnects", before);
      Stage.letPass(A_MOMENT);
      // Signalling is taken up indeed: the server's news arrive.
      publisher.mute("audio");
      Stage.letPass(A_MOMENT);
      Stage.Take take = stage.end(id);

      assertThat(server.joinsOf(id)).isEqualTo(1);
      var media = take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
      assertThat(
              media.silentMillis(
                  Duration.ofMillis(300), take.asked().minus(A_MOMENT).minusMillis(500)))
          .isZero();
      assertThat(media.silentMillis(Duration.ZERO, take.asked())).isGreaterThan(1000);
    }
  }

  @Test
  void aMediaPathThatIsDarkForSecondsLeavesAGapOfItsLengthAndOneFile() throws Exception {
    try (RustPublisher publisher = publisher("dark")) {
      String id = begin("dark", publisher.publishAudio());
      Stage.letPass(A_MOMENT);
      Instant wentDark = Instant.now();
      relay.sever(true);
      Stage.letPass(DARK);
      double before = counted("packets_received");
      relay.sever(false);
      awaitMore("packets_received", before + 10);
      Duration dark = Duration.between(wentDark, Instant.now());
      Stage.letPass(A_MOMENT);
      goesOnAfterAGap(stage.end(id), dark);
      assertThat(server.joinsOf(id)).as("mended by ICE alone").isEqualTo(1);
    } finally {
      relay.sever(false);
    }
  }

  @Test
  void aConnectionLostInBothHalvesIsJoinedAnewAndGoesOn() throws Exception {
    try (RustPublisher publisher = publisher("both")) {
      String id = begin("both", publisher.publishAudio());
      Stage.letPass(A_MOMENT);
      Instant wentDark = Instant.now();
      relay.sever(true);
      proxy.refuse(true);
      proxy.cut();
      Stage.letPass(DARK);
      double before = counted("packets_received");
      proxy.refuse(false);
      relay.sever(false);
      awaitMore("packets_received", before + 10);
      Duration dark = Duration.between(wentDark, Instant.now());
      Stage.letPass(A_MOMENT);
      goesOnAfterAGap(stage.end(id), dark);
      assertThat(server.joinsOf(id)).as("joins of %s", id).isGreaterThan(1);
    } finally {
      proxy.refuse(false);
      relay.sever(false);
    }
  }

  private static void goesOnAfterAGap(Stage.Take take, Duration dark) throws Exception {
    var media = take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
    assertThat(media.silentMillis(Duration.ZERO, take.asked()))
        .as("silence for %s of darkness in %s", dark, take.asked())
        .isBetween(DARK.toMillis() - 500, dark.toMillis() + 500);
    assertThat(media.silentMillis(take.asked().minusSeconds(1), take.asked().minusMillis(200)))
        .as("silence at its end")
        .isZero();
  }

  @Test
  void whoIsSentAwayKeepsItsFileAndDoesNotComeBack() throws Exception {
    try (RustPublisher first = publisher("twin");
        RustPublisher second = publisher("removed");
        RustPublisher third = publisher("deleted")) {
      String replaced = begin("twin", first.publishAudio());
      String removed = begin("removed", second.publishAudio());
      String deleted = begin("deleted", third.publishAudio());
      Stage.letPass(A_MOMENT);
      try (RustPublisher twin = stage.rustPublisher("twin", replaced)) {
        assertThat(twin.publishAudio()).startsWith("TR_");
        server.removeParticipant("removed", removed);
        server.deleteRoom("deleted");

        failed(replaced, 409, "recording ended early: another recorder joined for this egress");
        failed(removed, 503, "recording ended early: the recorder was removed from the room");
        EgressInfo closed = stage.spillway().awaitEnd(deleted, REPAIR);
        assertThat(closed.getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
        assertThat(closed.getDetails()).isEqualTo("End reason: Source closed");

        Stage.letPass(NO_RETURN);
        assertThat(server.identities("twin")).contains(replaced); // the twin wasn't evicted
        assertThat(server.joinsOf(replaced)).as("joins: ours and the twin's").isEqualTo(2);
        assertThat(server.joinsOf(removed)).isEqualTo(1);
        assertThat(server.joinsOf(deleted)).isEqualTo(1);
      }
    }
  }

  private static void failed(String id, int code, String error) throws Exception {
    EgressInfo info = stage.spillway().awaitEnd(id, REPAIR);
    assertThat(info.getStatus()).as("%s", info).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(info.getErrorCode()).isEqualTo(code);
    assertThat(info.getError()).isEqualTo(error);
    var file = info.getFileResults(0);
    new Stage.Take(info, file, Duration.ofNanos(file.getDuration())).media().plays("opus");
  }

  @Test
  void nonsenseFromTheServerHarmsNoOtherRecording() throws Exception {
    try (RustPublisher publisher = publisher("nonsense")) {
      String track = publisher.publishAudio();
      String good = stage.begin("nonsense", track); // spared by the relay
      String noisy = begin("nonsense", track);
      relay.garble(true);
      proxy.garbleNewcomers(true);
      String doomed = stage.ask("nonsense", track).getEgressId();
      Stage.letPass(DARK);
      relay.garble(false);
      proxy.garbleNewcomers(false);
      EgressInfo end = stage.spillway().awaitEnd(doomed, Duration.ofSeconds(60));
      assertThat(end.getStatus()).as("%s", end).isEqualTo(EgressStatus.EGRESS_FAILED);

      Stage.Take heard = stage.end(noisy);
      heard.media().plays("opus").lasts(heard.asked()).hasTone(RustPublisher.TONE_HZ);
      Stage.Take take = stage.end(good);
      var media = take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
      assertThat(media.silentMillis(Duration.ofMillis(300), take.asked().minusMillis(300)))
          .isZero();
    } finally {
      relay.garble(false);
      proxy.garbleNewcomers(false);
    }
  }
}
