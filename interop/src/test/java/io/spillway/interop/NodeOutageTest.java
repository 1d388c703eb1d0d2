package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.NodeProcess;
import io.spillway.interop.fixture.NodeStage;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.SignalProxy;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything around forty recordings goes down once, and each still ends as it should.
 *
 * <p>livekit-server relays signalling through Redis. Whether its sessions outlive twenty seconds
 * without it is its own and the SDK's affair: where they don't, tracks end and are published anew.
 * An egress ends when its track does, not earlier.
 */
class NodeOutageTest {
  /** One of them leaves before the outage: forty are recorded while it lasts. */
  private static final int PARTICIPANTS = 5;

  private static final int TRACKS_EACH = 10;
  private static final Duration RECORDED = Duration.ofSeconds(5);
  private static final Duration REDIS_AWAY = Duration.ofSeconds(20);

  /** By then sessions that Redis's loss broke are made anew. */
  private static final Duration SETTLED = Duration.ofSeconds(20);

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Webhooks carry whole seconds. */
  private static final Duration EXACT = Duration.ofSeconds(2);

  /** The tone is heard up to its end, give or take what a loaded machine delays a packet. */
  private static final Duration HEARD_TO_THE_END = Duration.ofSeconds(1);

  /** Without Redis nobody hears of a track's end; afterwards signalling is taken up again. */
  private static final Duration HEARD = REDIS_AWAY.plusSeconds(15);

  /** A vanished server is told from a short loss by waiting: silence is recorded meanwhile. */
  private static final Duration NOTICED = Duration.ofSeconds(40);

  @TempDir Path folder;

  @Test
  void eachOfFortyEgressesEndsRightlyWhateverGoesDownMeanwhile() throws Exception {
    try (NodeStage stage = NodeStage.set(folder);
        SignalProxy link = new SignalProxy(stage.redis())) {
      NodeProcess node = stage.nodeBy(link.address());
      List<RustPublisher> publishers = new ArrayList<>();
      try {
        Map<String, String> egresses = new LinkedHashMap<>();
        Map<String, String> leaving = new LinkedHashMap<>();
        for (int i = 0; i < PARTICIPANTS; i++) {
          RustPublisher publisher = stage.publisher("outage", "p" + i);
          publishers.add(publisher);
          Map<String, String> its = i < PARTICIPANTS - 1 ? egresses : leaving;
          for (String track : publisher.publishMany(TRACKS_EACH)) {
            its.put(stage.ask("outage", track).getEgressId(), track);
          }
        }
        awaitActive(stage, egresses, 0);
        awaitActive(stage, leaving, 0);
        Stage.letPass(RECORDED);

        Instant left = killWithStatusesInTheJournal(node, link, publishers.removeLast());
        awaitActive(stage, egresses, 1);
        for (var egress : leaving.entrySet()) {
          EgressInfo info = stage.awaitEnd(egress.getKey(), PATIENCE);
          check(info, stage.webhooks().endOfTrack(egress.getValue()).orElseThrow(), EXACT);
          soundsUntil(info, left);
        }
        Stage.letPass(RECORDED);

        Instant away = Instant.now();
        stage.redis().stop();
        Stage.letPass(REDIS_AWAY);
        stage.redis().startAgain();
        Stage.letPass(SETTLED);
        Set<String> playing = new HashSet<>();
        for (var egress : egresses.entrySet()) {
          Optional<Instant> trackEnd = stage.webhooks().endOfTrack(egress.getValue());
          if (trackEnd.isPresent()) {
            EgressInfo info = stage.awaitEnd(egress.getKey(), PATIENCE);
            check(info, trackEnd.get(), HEARD);
            // its sender may have fallen silent before the server took the track away
            soundsUntil(info, away, trackEnd.get().plus(EXACT));
          } else {
            EgressInfo info = stage.stored(egress.getKey());
            assertThat(info.getStatus()).as("%s", info).isEqualTo(EgressStatus.EGRESS_ACTIVE);
            playing.add(egress.getKey());
          }
        }

        Instant killed = Instant.now();
        stage.server().kill();
        stage.server().restart();
        for (var egress : egresses.entrySet()) {
          EgressInfo info = stage.awaitEnd(egress.getKey(), PATIENCE);
          check(info, stage.webhooks().endOfTrack(egress.getValue()).orElse(killed), NOTICED);
          if (playing.contains(egress.getKey())) {
            soundsUntil(info, killed);
          }
        }
        Awaitility.await("nothing waits to be told")
            .atMost(PATIENCE)
            .until(() -> node.metric("spillway_journal_depth") == 0);
        for (String id : leaving.keySet()) {
          assertThat(stage.stored(id).getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
        }
      } finally {
        publishers.forEach(RustPublisher::close);
      }
    }
  }

  /**
   * A participant leaves while the node can tell nobody; then it is killed, and comes back. When
   * the participant fell silent.
   */
  private static Instant killWithStatusesInTheJournal(
      NodeProcess node, SignalProxy link, RustPublisher leaving) throws Exception {
    link.refuse(true);
    link.cut();
    Instant left = leaving.leave();
    Awaitility.await("its egresses end, and nobody hears of it")
        .atMost(PATIENCE)
        .until(() -> node.metric("spillway_journal_depth") == 2 * TRACKS_EACH); // ENDING, COMPLETE
    assertThat(node.metric("livekit_egress_requests")).isEqualTo((PARTICIPANTS - 1) * TRACKS_EACH);
    node.kill();
    link.refuse(false);
    node.startAgain();
    return left;
  }

  private static void awaitActive(NodeStage stage, Map<String, String> egresses, int retries) {
    for (String id : egresses.keySet()) {
      Awaitility.await(id + " is recorded")
          .atMost(PATIENCE)
          .until(
              () -> stage.stored(id),
              info ->
                  info.getRetryCount() == retries
                      && info.getStatus() == EgressStatus.EGRESS_ACTIVE);
    }
  }

  /** Up to this moment on the wall clock: an end in time says nothing of what plays up to it. */
  private static void soundsUntil(EgressInfo info, Instant silent) throws IOException {
    soundsUntil(info, silent, silent);
  }

  private static void soundsUntil(EgressInfo info, Instant earliest, Instant latest)
      throws IOException {
    FileInfo file = info.getFileResults(0);
    Instant heard =
        Instant.ofEpochSecond(0, file.getStartedAt())
            .plus(RecordedMedia.of(file.getLocation()).soundEnds());
    assertThat(heard)
        .as("last sound of %s", file)
        .isBetween(earliest.minus(HEARD_TO_THE_END), latest.plus(HEARD_TO_THE_END));
  }

  /** One file, though a killed node had begun it. */
  private static void check(EgressInfo info, Instant trackEnd, Duration noticed)
      throws IOException {
    assertThat(info.getStatus()).as("%s", info).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(info.getDetails()).isEqualTo("End reason: Source closed");
    assertThat(info.getFileResultsCount()).as("%s", info).isEqualTo(1);
    FileInfo file = info.getFileResults(0);
    assertThat(Instant.ofEpochSecond(0, info.getEndedAt())).isAfterOrEqualTo(trackEnd);
    assertThat(Instant.ofEpochSecond(0, file.getEndedAt()))
        .isBetween(trackEnd.minus(EXACT), trackEnd.plus(noticed));
    RecordedMedia media = RecordedMedia.of(file.getLocation());
    media.plays("opus");
    assertThat(media.playableLength())
        .isGreaterThan(Duration.ofNanos(file.getDuration()).minusMillis(200));
  }
}
