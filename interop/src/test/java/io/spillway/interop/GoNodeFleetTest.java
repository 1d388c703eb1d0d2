package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.ControllerProcess;
import io.spillway.interop.fixture.FleetStage;
import io.spillway.interop.fixture.GoNode;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Controllers that drive nodes of Go: LiveKit's own psrpc on a real Redis, which bid for starts,
 * report them to IOInfo and list what they have as livekit/egress does.
 */
final class GoNodeFleetTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  private static void awaitGoNodes(ControllerProcess controller, int count) {
    Awaitility.await(count + " Go nodes are known")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> controller.metric("spillway_go_nodes{health=\"healthy\"}") == count);
  }

  private static TrackEgressRequest request(FleetStage stage, String track, String name) {
    return stage.request("studio", track, name + "-{retry}");
  }

  private static String start(FleetStage stage, TrackEgressRequest request) throws Exception {
    String key = request.getFile().getFilepath();
    return stage.controller(0).start(request, key).orElseThrow().getEgressId();
  }

  @Test
  void aWedgedGoNodesBidIsNotTakenAgainAndStartsGoOnWithTheOther() throws Exception {
    try (FleetStage stage = FleetStage.set(folder, 1, 0, "");
        GoNode wedged =
            GoNode.whole(folder, stage.redis().address(), "SRV_wedged", "1", "-wedge", "mute");
        GoNode good = GoNode.whole(folder, stage.redis().address(), "SRV_good", "0.5");
        RustPublisher publisher = stage.publisher("studio", "alice")) {
      ControllerProcess controller = stage.controller(0);
      awaitGoNodes(controller, 2);
      String track = publisher.publishAudio();
      String first = start(stage, request(stage, track, "first"));
      assertThat(wedged.nextStarted()).isEqualTo(first + " 0");
      assertThat(good.nextStarted()).as("under the next epoch").isEqualTo(first + " 1");
      stage.await(controller, first, EgressStatus.EGRESS_ACTIVE, PATIENCE);
      assertThat(controller.metric("spillway_go_nodes{health=\"suspect\"}")).isEqualTo(1);
      for (int i = 0; i < 2; i++) {
        String next = start(stage, request(stage, track, "next" + i));
        assertThat(good.nextStarted()).as("at its first try").isEqualTo(next + " 0");
      }
      EgressInfo stopping = controller.client().stop(first);
      assertThat(stopping.getEgressId()).isEqualTo(first);
      stage.await(controller, first, EgressStatus.EGRESS_COMPLETE, PATIENCE);
    }
  }

  @Test
  void whatAGoNodeHadGoesOnWithAnotherWhenItDies() throws Exception {
    try (FleetStage stage = FleetStage.set(folder, 2, 0, "");
        GoNode dying = GoNode.whole(folder, stage.redis().address(), "SRV_dying", "1");
        GoNode heir = GoNode.whole(folder, stage.redis().address(), "SRV_heir", "0.5");
        RustPublisher publisher = stage.publisher("studio", "alice")) {
      ControllerProcess controller = stage.controller(0);
      awaitGoNodes(controller, 2);
      awaitGoNodes(stage.controller(1), 2);
      String id = start(stage, request(stage, publisher.publishAudio(), "moved"));
      assertThat(dying.nextStarted()).isEqualTo(id + " 0");
      stage.await(controller, id, EgressStatus.EGRESS_ACTIVE, PATIENCE);
      for (int i = 0; i < stage.controllers(); i++) {
        ControllerProcess each = stage.controller(i);
        Awaitility.await("all controllers know who has it")
            .atMost(PATIENCE)
            .until(() -> each.metric("spillway_go_recordings") == 1);
      }
      dying.kill();
      assertThat(heir.nextStarted(PATIENCE)).isEqualTo(id + " 1");
      Awaitility.await("the new recorder has reported")
          .atMost(PATIENCE)
          .until(() -> !stage.row(controller, id).path("node").asString("").isEmpty());
      assertThat(stage.row(controller, id).path("epoch").asInt()).isEqualTo(2);
      assertThat(controller.client().find(id).orElseThrow().getStatus())
          .isEqualTo(EgressStatus.EGRESS_ACTIVE);
    }
  }
}
