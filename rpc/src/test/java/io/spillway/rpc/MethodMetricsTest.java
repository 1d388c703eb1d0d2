package io.spillway.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.spillway.core.time.SystemTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.psrpc.Request;
import io.spillway.protocol.rpc.ListActiveEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressResponse;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcServer.Bid;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Both ends of calls on one bus, under the names that livekit/protocol's dashboards read. */
final class MethodMetricsTest {
  private static final CallOptions PATIENT = CallOptions.within(Duration.ofSeconds(20));

  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final MemoryBus bus = new MemoryBus(metrics);
  private final PrometheusRegistry registry = new PrometheusRegistry();

  @AfterEach
  void close() {
    bus.close();
    time.close();
  }

  private PsrpcServer server(String service, String id) {
    return new PsrpcServer(bus, service, id, time, ServerLimits.defaults(), metrics);
  }

  private PsrpcClient client(String service) {
    return new PsrpcClient(bus, service, time, new Random(1), ClientLimits.defaults(), metrics);
  }

  @Test
  void callsAreCountedAndTimedAtBothEnds() {
    metrics.methods().registerOn(registry, Labels.of("node_id", "NE_1"));
    try (PsrpcServer server = server(EgressServices.IO_INFO, "S");
        PsrpcClient client = client(EgressServices.IO_INFO)) {
      var _ = server.serve(EgressServices.UPDATE_EGRESS, "", (info, _) -> answer(info));
      for (int i = 0; i < 3; i++) {
        client.call(EgressServices.UPDATE_EGRESS, "", info(EgressStatus.EGRESS_ACTIVE), PATIENT);
      }
      assertThatThrownBy(() ->
              client.call(
                  EgressServices.UPDATE_EGRESS, "", info(EgressStatus.EGRESS_FAILED), PATIENT))
          .isInstanceOf(RpcException.class);
    }
    int size = info(EgressStatus.EGRESS_ACTIVE).getSerializedSize();
    for (String role : new String[] {"client", "server"}) {
      String who = "kind=rpc method=UpdateEgress node_id=NE_1 role=" + role + " service=IOInfo";
      assertThat(counts("livekit_psrpc_request_time_ms")).containsEntry(who, 3.0);
      assertThat(values("livekit_psrpc_error"))
          .containsEntry(who.replace("kind", "error_code=not_found kind"), 1.0);
      String request = role.equals("client") ? "tx" : "rx";
      assertThat(values("livekit_psrpc_bytes"))
          .containsEntry(who.replace("kind", "direction=" + request + " kind"), 4.0 * size);
    }
    String served = "method=UpdateEgress node_id=NE_1 service=IOInfo";
    assertThat(values("livekit_psrpc_requests_received")).containsEntry(served, 4.0);
    assertThat(values("livekit_psrpc_requests_expired")).containsEntry(served, 0.0);
    assertThat(counts("livekit_psrpc_claim_wait_time_ms"))
        .containsEntry(served.replace("node_id=NE_1", "node_id=NE_1 outcome=granted"), 4.0);
  }

  private static Empty answer(EgressInfo info) {
    if (info.getStatus() == EgressStatus.EGRESS_FAILED) {
      throw new RpcException(RpcCode.NOT_FOUND, "no such egress");
    }
    return Empty.getDefaultInstance();
  }

  private static EgressInfo info(EgressStatus status) {
    return EgressInfo.newBuilder().setEgressId("EG_1").setStatus(status).build();
  }

  @Test
  void aLostClaimAndOneThatNobodyDecidedUponAreToldApart() {
    metrics.methods().registerOn(registry, Labels.EMPTY);
    try (PsrpcServer keen = server(EgressServices.EGRESS_INTERNAL, "KEEN");
        PsrpcServer meek = server(EgressServices.EGRESS_INTERNAL, "MEEK");
        PsrpcClient client = client(EgressServices.EGRESS_INTERNAL)) {
      var _ = meek.serve(EgressServices.START_EGRESS, "", (_, _) -> begun(), _ -> Bid.of(0.1f));
      var keenly =
          keen.serve(EgressServices.START_EGRESS, "", (_, _) -> begun(), _ -> Bid.of(0.9f));
      client.call(
          EgressServices.START_EGRESS, "", StartEgressRequest.getDefaultInstance(), PATIENT);
      String of = "method=StartEgress outcome=%s service=EgressInternal";
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() ->
              counts("livekit_psrpc_claim_wait_time_ms").containsKey(of.formatted("lost_to_peer")));
      assertThat(counts("livekit_psrpc_claim_wait_time_ms"))
          .containsEntry(of.formatted("granted"), 1.0);
      keenly.close();

      publish(EgressServices.START_EGRESS, "REQ_undecided", Duration.ofMillis(50));
      publish(EgressServices.START_EGRESS, "REQ_old", Duration.ofMillis(-1));
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() ->
              counts("livekit_psrpc_claim_wait_time_ms").containsKey(of.formatted("timed_out")));
      Map.Entry<String, Double> one = Map.entry("method=StartEgress service=EgressInternal", 1.0);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> values("livekit_psrpc_requests_expired").entrySet().contains(one));
    }
  }

  @Test
  void aMultiCallWithoutAnswersIsAnError() {
    metrics.methods().registerOn(registry, Labels.EMPTY);
    CallOptions brief = CallOptions.within(Duration.ofMillis(300));
    String of = "kind=multirpc method=ListActiveEgress role=client service=EgressInternal";
    try (PsrpcClient client = client(EgressServices.EGRESS_INTERNAL)) {
      var request = ListActiveEgressRequest.getDefaultInstance();
      client.callAll(EgressServices.LIST_ACTIVE_EGRESS, "", request, brief);
      assertThat(values("livekit_psrpc_error"))
          .containsEntry(of.replace("kind", "error_code=unknown kind"), 1.0);
      try (PsrpcServer server = server(EgressServices.EGRESS_INTERNAL, "S")) {
        var _ =
            server.serve(
                EgressServices.LIST_ACTIVE_EGRESS,
                "",
                (_, _) -> ListActiveEgressResponse.getDefaultInstance());
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() ->
                !client.callAll(EgressServices.LIST_ACTIVE_EGRESS, "", request, brief).isEmpty());
      }
    }
    assertThat(counts("livekit_psrpc_request_time_ms")).containsEntry(of, 1.0);
  }

  private static EgressInfo begun() {
    return info(EgressStatus.EGRESS_STARTING);
  }

  /** A request of somebody who then chooses nobody. */
  private void publish(RpcMethod<?, ?> method, String id, Duration lives) {
    long now = time.unixNanos();
    bus.publish(
        Channels.request(method.service(), method.name(), ""),
        Envelope.REQUEST.encode(
            Request.newBuilder()
                .setRequestId(id)
                .setClientId("CLI_test")
                .setSentAt(now)
                .setExpiry(now + lives.toNanos())
                .setRawRequest(ListEgressRequest.getDefaultInstance().toByteString())
                .build()));
  }

  private Map<String, Double> values(String name) {
    Map<String, Double> all = new HashMap<>();
    for (var point : ((CounterSnapshot) named(name)).getDataPoints()) {
      all.put(text(point.getLabels()), point.getValue());
    }
    return all;
  }

  private Map<String, Double> counts(String name) {
    Map<String, Double> all = new HashMap<>();
    for (var point : ((HistogramSnapshot) named(name)).getDataPoints()) {
      all.put(text(point.getLabels()), (double) point.getCount());
    }
    return all;
  }

  private static String text(Labels labels) {
    return labels.stream()
        .sorted(Comparator.comparing(Label::getName))
        .map(label -> label.getName() + "=" + label.getValue())
        .collect(Collectors.joining(" "));
  }

  private MetricSnapshot named(String name) {
    return registry.scrape().stream()
        .filter(snapshot -> snapshot.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
