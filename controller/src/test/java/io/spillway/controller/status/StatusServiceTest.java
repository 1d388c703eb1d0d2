package io.spillway.controller.status;

import static io.spillway.controller.ControllerFixture.trackRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.spillway.controller.ControllerFixture;
import io.spillway.controller.FakeNode;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.rpc.GetEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes' reports over psrpc. */
final class StatusServiceTest {
  private static final CallOptions SOON = CallOptions.within(Duration.ofSeconds(5));

  @TempDir private Path folder;
  private ControllerFixture at;
  private FakeNode node;

  @BeforeEach
  void open() throws Exception {
    at = new ControllerFixture(folder);
    node = at.node();
  }

  @AfterEach
  void close() {
    node.close();
    at.close();
  }

  @Test
  void reportsMoveTheStoredStatusForward() throws Exception {
    EgressInfo info = start();
    node.create(info);
    node.update(with(info, EgressStatus.EGRESS_ACTIVE));
    assertThat(at.stored(info.getEgressId()).getStatus()).isEqualTo(EgressStatus.EGRESS_ACTIVE);
    EgressInfo complete =
        with(info, EgressStatus.EGRESS_COMPLETE).toBuilder()
            .addFileResults(FileInfo.newBuilder().setFilename("a.ogg").setSize(7))
            .build();
    node.update(complete);
    assertThat(at.stored(info.getEgressId())).isEqualTo(complete);
    assertThat(at.store.find(info.getEgressId()).orElseThrow().node()).isEqualTo("NE_1");
  }

  @Test
  void anOldReportIsAcknowledgedCountedAndChangesNothing() throws Exception {
    EgressInfo info = start();
    node.update(with(info, EgressStatus.EGRESS_ENDING), "5");
    node.update(with(info, EgressStatus.EGRESS_ACTIVE), "4");
    node.update(with(info, EgressStatus.EGRESS_ACTIVE), "6");
    assertThat(at.stored(info.getEgressId()).getStatus()).isEqualTo(EgressStatus.EGRESS_ENDING);
    assertThat(counted("UpdateEgress", "old_sequence")).isEqualTo(1);
    assertThat(counted("UpdateEgress", "backward")).isEqualTo(1);
    assertThat(counted("UpdateEgress", "accepted")).isEqualTo(1);
  }

  @Test
  void aNodeWithoutSequencesIsOrderedByUpdatedAt() throws Exception {
    EgressInfo info = start();
    EgressInfo active = with(info, EgressStatus.EGRESS_ACTIVE).toBuilder().setUpdatedAt(20).build();
    EgressInfo late = active.toBuilder().setUpdatedAt(10).setError("late").build();
    for (EgressInfo report : new EgressInfo[] {active, late}) {
      node.reports().call(EgressServices.UPDATE_EGRESS, "", report, SOON);
    }
    assertThat(at.stored(info.getEgressId())).isEqualTo(active);
  }

  @Test
  void anEgressThatSomebodyElseStartedIsStored() {
    EgressInfo foreign =
        EgressInfo.newBuilder()
            .setEgressId("EG_foreign")
            .setRoomName("studio")
            .setStatus(EgressStatus.EGRESS_FAILED)
            .setStartedAt(5)
            .setTrack(trackRequest())
            .build();
    node.update(foreign);
    assertThat(at.stored("EG_foreign").getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(at.stored("EG_foreign").getTrack().getFile().getS3().getSecret())
        .as("a node that forgot to redact")
        .isEqualTo("{secret}");
    assertThat(counted("UpdateEgress", "accepted")).isEqualTo(1);
    assertRefused(
        () -> node.update(EgressInfo.newBuilder().setEgressId("EG_bare").build()),
        RpcCode.NOT_FOUND,
        "lacks the request");
    assertRefused(
        () -> node.update(EgressInfo.getDefaultInstance()), RpcCode.INVALID_ARGUMENT, "egress_id");
    assertRefused(() -> node.update(foreign, "x"), RpcCode.INVALID_ARGUMENT, "is no number: x");
  }

  @Test
  void aNodeThatWouldStartAnEndedOrFencedEgressIsToldNotTo() throws Exception {
    EgressInfo ended = start();
    node.update(with(ended, EgressStatus.EGRESS_FAILED));
    assertRefused(() -> node.create(ended), RpcCode.ABORTED, "it has ended");

    EgressInfo fenced = start();
    assertThat(at.store.fence(fenced.getEgressId(), "test")).isEqualTo(2);
    assertRefused(() -> node.create(fenced), RpcCode.ABORTED, "another node has it");
    node.update(with(fenced, EgressStatus.EGRESS_ACTIVE)); // acknowledged, not believed
    assertThat(at.stored(fenced.getEgressId()).getStatus()).isEqualTo(EgressStatus.EGRESS_STARTING);
    EgressInfo second =
        with(fenced, EgressStatus.EGRESS_ACTIVE).toBuilder().setRetryCount(1).build();
    node.update(second);
    assertThat(at.stored(fenced.getEgressId())).isEqualTo(second);
  }

  @Test
  void aRecorderOfAnEndedEgressIsStopped() throws Exception {
    EgressInfo info = start();
    node.update(with(info, EgressStatus.EGRESS_FAILED));
    node.update(with(info, EgressStatus.EGRESS_ACTIVE));
    await().untilAsserted(() -> assertThat(node.stopped()).containsExactly(info.getEgressId()));
  }

  @Test
  void livekitServersReadWhatNodesWrote() throws Exception {
    EgressInfo info = start();
    GetEgressRequest one = GetEgressRequest.newBuilder().setEgressId(info.getEgressId()).build();
    assertThat(node.reports().call(EgressServices.GET_EGRESS, "", one, SOON).getRoomName())
        .isEqualTo("studio");
    ListEgressRequest all = ListEgressRequest.newBuilder().setActive(true).build();
    assertThat(node.reports().call(EgressServices.LIST_EGRESS, "", all, SOON).getItemsCount())
        .isEqualTo(1);
    assertRefused(
        () ->
            node.reports()
                .call(EgressServices.GET_EGRESS, "", GetEgressRequest.getDefaultInstance(), SOON),
        RpcCode.NOT_FOUND,
        "egress does not exist");
  }

  @Test
  void aReportThatCouldNotBeStoredIsNotAcknowledged() throws Exception {
    EgressInfo info = start();
    at.store.close();
    assertRefused(
        () -> node.update(with(info, EgressStatus.EGRESS_ACTIVE)),
        RpcCode.UNAVAILABLE,
        "the controller could not store");
  }

  private EgressInfo start() throws Exception {
    return at.call("StartTrackEgress", trackRequest()).as(EgressInfo.parser());
  }

  private static EgressInfo with(EgressInfo info, EgressStatus status) {
    return info.toBuilder().setStatus(status).build();
  }

  private long counted(String method, String result) {
    return at.metrics.scrape(name -> name.equals("spillway_status_reports")).stream()
        .flatMap(metric -> metric.getDataPoints().stream())
        .filter(point ->
            method.equals(point.getLabels().get("method"))
                && result.equals(point.getLabels().get("result")))
        .mapToLong(point ->
            (long)
                ((io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot)
                        point)
                    .getValue())
        .sum();
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, RpcCode code, String text) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RpcException.class, failure -> assertThat(failure.code()).isEqualTo(code))
        .hasMessageContaining(text);
  }
}
