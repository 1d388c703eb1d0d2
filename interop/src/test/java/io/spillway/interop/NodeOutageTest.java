package io.spillway.interop;

import io.spillway.interop.fixture.ClipPublisher;
import io.spillway.interop.fixture.NodeProcess;
import io.spillway.interop.fixture.NodeStage;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything around forty recordings goes down once, and each still ends as it should. */
class NodeOutageTest {
  private static final int PARTICIPANTS = 4;
  private static final int TRACKS_EACH = 10;
  private static final Duration REDIS_AWAY = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void eachOfFortyEgressesEndsRightlyWhateverGoesDownMeanwhile() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      NodeProcess node = stage.node();
      Path clip = ClipPublisher.tone(folder.resolve("clips"));
      List<ClipPublisher> publishers = new ArrayList<>();
      List<String> egresses = new ArrayList<>();
      try {
        for (int i = 0; i < PARTICIPANTS; i++) {
          publishers.add(ClipPublisher.join(stage.server(), "outage", "p" + i, clip, TRACKS_EACH));
        }
        for (ClipPublisher publisher : publishers) {
          for (String track : publisher.tracks()) {
            egresses.add(stage.ask("outage", track).getEgressId());
          }
        }
        awaitActive(stage, egresses);
        Stage.letPass(Duration.ofSeconds(5));

        note("kill -9 of the node");
        node.kill();
        node.startAgain();
        awaitAllAgain(stage, egresses, 1);
        show(stage, egresses);

        note("Redis goes");
        stage.redis().stop();
        Stage.letPass(REDIS_AWAY);
        note("publishers there: " + publishers.stream().filter(ClipPublisher::isThere).count());
        stage.redis().startAgain();
        note("Redis is back");
        Stage.letPass(Duration.ofSeconds(15));
        show(stage, egresses);
        note("publishers there: " + publishers.stream().filter(ClipPublisher::isThere).count());

        note("livekit-server restarts");
        stage.server().restart();
        Stage.letPass(Duration.ofSeconds(5));
        show(stage, egresses);
        note("publishers there: " + publishers.stream().filter(ClipPublisher::isThere).count());
      } finally {
        publishers.forEach(ClipPublisher::close);
      }
      for (String id : egresses) {
        EgressInfo info = stage.awaitEnd(id, PATIENCE);
        note(
            id
                + " "
                + info.getStatus()
                + " "
                + info.getDetails()
                + " "
                + info.getError()
                + " retry "
                + info.getRetryCount()
                + " parts "
                + info.getFileResultsList().stream()
                    .map(f -> f.getDuration() / 1_000_000)
                    .toList());
      }
      note(node.logTail());
    }
  }

  private static void note(String what) {
    System.out.println("OUTAGE " + Instant.now() + " " + what);
  }

  private static void show(NodeStage stage, List<String> egresses) throws InterruptedException {
    java.util.Map<String, Integer> counts = new java.util.TreeMap<>();
    for (String id : egresses) {
      EgressInfo info = stage.stored(id);
      counts.merge(
          info.getStatus() + " " + info.getDetails() + " " + info.getError(), 1, Integer::sum);
    }
    note(counts.toString());
  }

  private static void awaitActive(NodeStage stage, List<String> egresses) {
    egresses.forEach(id -> stage.await(id, EgressStatus.EGRESS_ACTIVE));
  }

  private static void awaitAllAgain(NodeStage stage, List<String> egresses, int retryCount) {
    for (String id : egresses) {
      Awaitility.await(id + " goes on")
          .atMost(PATIENCE)
          .until(
              () -> stage.stored(id),
              info ->
                  info.getRetryCount() == retryCount
                      && info.getStatus() == EgressStatus.EGRESS_ACTIVE);
    }
  }
}
