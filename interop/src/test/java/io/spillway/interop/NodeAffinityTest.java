package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.GoNode;
import io.spillway.interop.fixture.NodeProcess;
import io.spillway.interop.fixture.NodeStage;
import io.spillway.interop.fixture.RedisCaller;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets a request when there are several nodes, and who keeps out of it. */
class NodeAffinityTest {
  private static final String SILENT = "last_resort_bids: false\n";

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

  /** Alone they say why they take none: NodeTest and NodeDrainTest. */
  @Test
  void aFullAndADrainingNodeLeaveStartsToWhoeverCanTakeThem() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      NodeProcess draining = stage.node();
      try (RustPublisher publisher = stage.publisher("room", "rust")) {
        String track = publisher.publishAudio();
        drainAmidARecording(stage, draining, track);
        NodeProcess full = full(stage, "");
        assertThat(stage.askComposite("room").code()).isEqualTo("unimplemented"); // both bid
        try (GoNode go = GoNode.start(folder, stage.redis().address(), "0.5")) {
          String itsOwn = stage.ask("room", track).getEgressId();
          assertThat(go.nextStarted()).isEqualTo(itsOwn);

          NodeProcess free = stage.node();
          for (int i = 0; i < 3; i++) {
            stage.await(stage.ask("room", track).getEgressId(), EgressStatus.EGRESS_ACTIVE);
          }
          assertThat(free.metric("livekit_egress_requests")).isEqualTo(3);
        }
        assertThat(full.metric("livekit_egress_requests")).isZero();
        assertThat(draining.metric("livekit_egress_requests")).isEqualTo(1);
      }
    }
  }

  /** It looks before it bids: else it would attract every start and refuse each. */
  @Test
  void aNodeWithoutDiskLeavesStartsToWhoeverCanTakeThemAndAloneSaysWhy() throws Exception {
    try (NodeStage stage = NodeStage.set(folder);
        RustPublisher publisher = stage.publisher("room", "rust")) {
      String track = publisher.publishAudio();
      NodeProcess node = stage.unreadyNode("min_free_disk: 1000TB\n");
      awaitRefusal(node, "not ready: no space left on ");
      assertThat(node.health("/readyz").statusCode()).isEqualTo(503);
      assertThat(node.metric("livekit_egress_can_accept_request")).isZero();
      try (GoNode go = GoNode.start(folder, stage.redis().address(), "0.5")) {
        for (int i = 0; i < 3; i++) {
          String itsOwn = stage.ask("room", track).getEgressId();
          assertThat(go.nextStarted()).isEqualTo(itsOwn);
        }
      }
      NodeStage.Answer alone = stage.askPatiently("room", track);
      assertThat(alone.code()).isEqualTo("resource_exhausted");
      assertThat(alone.text()).contains("no space left on ", "min_free_disk is ");
      assertThat(node.metric("livekit_egress_requests")).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unable", "full", "draining"})
  void withoutLastResortBidsANodeKeepsSilent(String why) throws Exception {
    try (NodeStage stage = NodeStage.set(folder);
        RustPublisher publisher = stage.publisher("room", "rust")) {
      String track = publisher.publishAudio();
      NodeStage.Answer answer =
          switch (why) {
            case "unable" -> {
              stage.node(SILENT);
              yield stage.askComposite("room");
            }
            case "full" -> {
              full(stage, SILENT);
              yield stage.askPatiently("room", track);
            }
            default -> {
              drainAmidARecording(stage, stage.node(SILENT), track);
              yield stage.askPatiently("room", track);
            }
          };
      assertThat(answer.code()).isEqualTo("unavailable");
      assertThat(answer.text()).contains("no response from servers");
    }
  }

  /** A node without the memory for one more, which has proved its bus. */
  private static NodeProcess full(NodeStage stage, String yaml) {
    NodeProcess node = stage.unreadyNode("cpu_cost: {max_memory: 0.01}\n" + yaml);
    awaitRefusal(node, "not ready: not enough memory");
    return node;
  }

  private static void drainAmidARecording(NodeStage stage, NodeProcess node, String track)
      throws Exception {
    stage.await(stage.ask("room", track).getEgressId(), EgressStatus.EGRESS_ACTIVE);
    node.signal("TERM");
    awaitRefusal(node, "not ready: draining");
  }

  private static void awaitRefusal(NodeProcess node, String why) {
    Awaitility.await(why)
        .atMost(Duration.ofSeconds(20))
        .until(() -> node.health("/readyz").body().contains(why));
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

      try (RedisCaller caller = new RedisCaller(stage, Duration.ZERO)) {
        // what it can't do it bids least for: heard as long as it bids at all
        Awaitility.await("it bids again")
            .atMost(Duration.ofSeconds(30))
            .until(() -> caller.refusedComposite().code() == RpcCode.UNIMPLEMENTED);
        stage.server().kill();
        Awaitility.await("not ready without livekit-server")
            .atMost(Duration.ofSeconds(12))
            .until(() -> node.health("/readyz").statusCode() == 503);
        assertThat(caller.refusedComposite()).hasMessageContaining("no response from servers");
        assertThat(caller.refusedTrack()).hasMessageContaining("no response from servers");
        assertThat(node.metric("livekit_egress_requests")).isZero();
      }
      stage.server().restart();
      node.awaitReady();
    }
  }
}
