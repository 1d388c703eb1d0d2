package io.spillway.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.controller.ControllerFixture.Answer;
import io.spillway.core.fleet.GoNodeId;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.rpc.RpcException;
import io.spillway.store.StoredEgress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts on nodes that have no lease, over real HTTP, a real store and a memory bus. */
final class GoDispatchTest {
  @TempDir private Path folder;
  private ControllerFixture at;

  @BeforeEach
  void open() throws Exception {
    at = new ControllerFixture(folder);
  }

  @AfterEach
  void close() {
    at.close();
  }

  private FakeGoNode node(String id, float affinity, boolean mute) {
    return new FakeGoNode(id, affinity, mute, at.bus, at.time);
  }

  private static TrackEgressRequest named(String path) {
    return TrackEgressRequest.newBuilder()
        .setRoomName("studio")
        .setTrackId("TR_1")
        .setFile(DirectFileOutput.newBuilder().setFilepath(path))
        .build();
  }

  private StoredEgress started(Answer answer) throws Exception {
    String id = answer.as(EgressInfo.parser()).getEgressId();
    return at.store.find(id).orElseThrow();
  }

  @Test
  void aWedgedNodesStartGoesOnWithAnotherAndItsBidIsNotTakenAgain() throws Exception {
    try (FakeGoNode wedged = node("SRV_wedged", 1, true);
        FakeGoNode good = node("SRV_good", 0.5f, false)) {
      StoredEgress first = started(at.call("StartTrackEgress", named("a-{retry}.ogg")));
      assertThat(wedged.started()).hasSize(1);
      assertThat(first.epoch()).isEqualTo(2);
      assertThat(first.info().getStatus()).isEqualTo(EgressStatus.EGRESS_ACTIVE);
      assertThat(first.node()).isEqualTo(GoNodeId.ofClient(good.clientId()));
      for (int i = 0; i < 3; i++) {
        StoredEgress next = started(at.call("StartTrackEgress", named("b.ogg")));
        assertThat(next.epoch()).isEqualTo(1);
      }
      assertThat(good.started()).hasSize(4);
      assertThat(wedged.started()).as("a bid of 1 against 0.5").hasSize(1);
    }
  }

  @Test
  void anExplicitNameIsNotGivenToSuchANodeOnceMore() throws Exception {
    try (FakeGoNode wedged = node("SRV_wedged", 1, true);
        FakeGoNode good = node("SRV_good", 0.5f, false)) {
      assertThat(at.call("StartTrackEgress", named("a.ogg")).error())
          .startsWith("412 failed_precondition: egress EG_")
          .contains("its name has no {retry}");
      assertThat(wedged.started()).hasSize(1);
      assertThat(good.started()).isEmpty();
      EgressInfo kept = at.stored(wedged.started().getFirst());
      assertThat(kept.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    }
  }

  @Test
  void onlyTheClientThatBeganAnEpochCountsAndAnyOtherIsRefused() throws Exception {
    try (FakeGoNode good = node("SRV_good", 1, false);
        FakeGoNode other = node("SRV_other", -1, false)) {
      StoredEgress row = started(at.call("StartTrackEgress", named("a.ogg")));
      EgressInfo theirs =
          row.info().toBuilder()
              .setStatus(EgressStatus.EGRESS_FAILED)
              .setUpdatedAt(at.time.unixNanos() + 1_000_000_000L)
              .build();
      assertThatThrownBy(() -> other.create(theirs))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("another node has it");
      other.update(theirs);
      assertThat(at.stored(row.info().getEgressId()).getStatus())
          .isEqualTo(EgressStatus.EGRESS_ACTIVE);
      good.update(theirs.toBuilder().setStatus(EgressStatus.EGRESS_COMPLETE).build());
      assertThat(at.stored(row.info().getEgressId()).getStatus())
          .isEqualTo(EgressStatus.EGRESS_COMPLETE);
    }
  }
}
