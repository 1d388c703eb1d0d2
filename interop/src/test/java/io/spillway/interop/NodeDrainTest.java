package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.app.client.ApiException;
import io.spillway.interop.fixture.NodeProcess;
import io.spillway.interop.fixture.NodeStage;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a node ends. */
class NodeDrainTest {
  private static final Duration RECORDED = Duration.ofSeconds(3);
  private static final Duration END = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  void afterSigtermRecordingsGoOnToTheirEndAndNothingNewIsTaken() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      NodeProcess node = stage.node();
      try (RustPublisher publisher = stage.publisher("room", "rust")) {
        String track = publisher.publishAudio();
        String id = stage.ask("room", track).getEgressId();
        stage.await(id, EgressStatus.EGRESS_ACTIVE);
        node.signal("TERM");
        Awaitility.await("draining")
            .atMost(Duration.ofSeconds(5))
            .until(() -> node.health("/readyz").body().contains("not ready: draining"));
        Instant asked = Instant.now();
        assertThatThrownBy(() -> stage.ask("room", track))
            .isInstanceOfSatisfying(
                ApiException.class,
                refused -> assertThat(refused.code()).isEqualTo("failed_precondition"))
            .hasMessageContaining("is draining");
        // the last resort's wait of 500 ms, and no repeated request (after 10 s without an answer)
        assertThat(Duration.between(asked, Instant.now()))
            .isBetween(Duration.ofMillis(400), Duration.ofSeconds(9));
        assertThat(node.metric("livekit_egress_is_terminating")).isEqualTo(1);
        Stage.letPass(RECORDED);
        assertThat(stage.stored(id).getStatus()).isEqualTo(EgressStatus.EGRESS_ACTIVE);
        assertThat(node.isAlive()).isTrue();
        publisher.leave();

        assertThat(node.exitCode(END)).isZero();
        EgressInfo ended = stage.stored(id);
        assertThat(ended.getStatus()).as("%s", ended).isEqualTo(EgressStatus.EGRESS_COMPLETE);
        assertThat(ended.getDetails()).isEqualTo("End reason: Source closed");
        RecordedMedia.of(ended.getFileResults(0).getLocation()).plays("opus");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM TERM", "TERM INT", "INT"})
  void aSecondSignalOrSigintEndsRecordingsCleanly(String signals) throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      NodeProcess node = stage.node();
      try (RustPublisher publisher = stage.publisher("room", "rust")) {
        String id = stage.ask("room", publisher.publishAudio()).getEgressId();
        stage.await(id, EgressStatus.EGRESS_ACTIVE);
        Stage.letPass(RECORDED);
        for (String signal : signals.split(" ", -1)) {
          assertThat(node.isAlive()).isTrue();
          node.signal(signal);
          Stage.letPass(Duration.ofSeconds(1));
        }
        assertThat(node.exitCode(END)).isZero();
        EgressInfo ended = stage.stored(id);
        assertThat(ended.getStatus()).as("%s", ended).isEqualTo(EgressStatus.EGRESS_COMPLETE);
        assertThat(ended.getDetails()).isEqualTo("End reason: Process killed");
        RecordedMedia media = RecordedMedia.of(ended.getFileResults(0).getLocation());
        media.plays("opus");
        assertThat(media.playableLength()).isGreaterThan(RECORDED.minusSeconds(1));
      }
    }
  }
}
