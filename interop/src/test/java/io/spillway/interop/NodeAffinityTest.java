package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.GoNode;
import io.spillway.interop.fixture.NodeProcess;
import io.spillway.interop.fixture.NodeStage;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.protocol.livekit.EgressStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets a request when there are several nodes, and who keeps out of it. */
class NodeAffinityTest {
  @TempDir Path folder;

  @Test
  void aGoNodeBesideUsGetsWhatWeCannotDoAndWeGetTheRest() throws Exception {
    try (NodeStage stage = NodeStage.set(folder);
        GoNode go = GoNode.start(folder, stage.redis().address(), "0.5")) {
      NodeProcess node = stage.node();
      try (RustPublisher publisher = stage.publisher("room", "rust")) {
        String track = publisher.publishAudio();
        assertThat(stage.askComposite("room").code()).isEqualTo("ok");
        assertThat(go.nextStarted()).startsWith("EG_");

        String id = stage.ask("room", track).getEgressId();
        stage.await(id, EgressStatus.EGRESS_ACTIVE);
        assertThat(node.health("/").body()).contains("\"CpuLoad\":", id, track);
      }
    }
  }

  @Test
  void withoutLastResortBidsANodeKeepsSilent() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      stage.node("last_resort_bids: false\n");
      try (RustPublisher publisher = stage.publisher("room", "rust")) {
        publisher.publishAudio();
        NodeStage.Answer answer = stage.askComposite("room");
        assertThat(answer.code()).isEqualTo("unavailable");
        assertThat(answer.text()).contains("no response from servers");
      }
    }
  }

  @Test
  void twelveStartsSpreadOverThreeNodes() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      List<NodeProcess> nodes = List.of(stage.node(), stage.node(), stage.node());
      try (RustPublisher publisher = stage.publisher("room", "rust")) {
        String track = publisher.publishAudio();
        for (int i = 0; i < 12; i++) {
          stage.await(stage.ask("room", track).getEgressId(), EgressStatus.EGRESS_ACTIVE);
        }
        List<Double> shares = new ArrayList<>();
        for (NodeProcess node : nodes) {
          shares.add(node.metric("livekit_egress_requests"));
        }
        assertThat(shares)
            .as("recordings by node")
            .allSatisfy(share -> {
              assertThat(share).isBetween(2.0, 8.0);
            });
        assertThat(shares.stream().mapToDouble(share -> share).sum()).isEqualTo(12);
      }
    }
  }

  @Test
  void withoutAFreshProofItClaimsNothingAndSaysSo() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      NodeProcess node = stage.node();
      assertThat(node.health("/healthz").statusCode()).isEqualTo(200);
      stage.redis().stop();
      Awaitility.await("not ready without Redis")
          .atMost(Duration.ofSeconds(12))
          .until(() -> node.health("/readyz").statusCode() == 503);
      assertThat(node.health("/readyz").body()).contains("no proof that messages get through");
      assertThat(node.health("/healthz").statusCode()).isEqualTo(200);
      assertThat(node.metric("livekit_egress_is_disabled")).isEqualTo(1);
      stage.redis().startAgain();
      node.awaitReady();

      stage.server().kill();
      Awaitility.await("not ready without livekit-server")
          .atMost(Duration.ofSeconds(12))
          .until(() -> node.health("/readyz").statusCode() == 503);
      stage.server().restart();
      node.awaitReady();
    }
  }
}
