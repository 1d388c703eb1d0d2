package io.spillway.bench.dispatch;

import com.google.protobuf.InvalidProtocolBufferException;
import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Lease;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.fleet.CanaryAnswer;
import io.spillway.protocol.fleet.CanaryRequest;
import io.spillway.protocol.fleet.ProbeRequest;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.fleet.FleetMethods;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Nodes that answer every start and every canary at once: a psrpc server and a client each, all on
 * one connection to Redis.
 */
final class AnsweringNodes implements AutoCloseable {
  private final TimeSource time;
  private final List<Node> nodes = new ArrayList<>();

  private record Node(String id, RpcServer starts, RpcClient reports) {}

  /** So many, served on {@code bus}, which stays the caller's. */
  AnsweringNodes(int count, MessageBus bus, TimeSource time, RandomGenerator random) {
    this.time = time;
    RpcMetrics metrics = new RpcMetrics();
    for (int i = 0; i < count; i++) {
      String id = "NE_" + i;
      PsrpcServer starts =
          new PsrpcServer(
              bus, EgressServices.EGRESS_INTERNAL, id, time, ServerLimits.defaults(), metrics);
      PsrpcClient reports =
          new PsrpcClient(
              bus, EgressServices.IO_INFO, time, random, ClientLimits.defaults(), metrics);
      Node node = new Node(id, starts, reports);
      var _ = starts.serve(EgressServices.START_EGRESS, id, (ask, from) -> start(node, ask, from));
      nodes.add(node);
    }
  }

  /** From now on they also bid for what is offered to all, as LiveKit's nodes do. */
  void bidForBroadcasts() {
    for (Node node : nodes) {
      var _ =
          node.starts()
              .serve(EgressServices.START_EGRESS, "", (ask, from) -> start(node, ask, from));
    }
  }

  private EgressInfo start(Node node, StartEgressRequest request, RpcServer.Context context) {
    if (context.metadata().containsKey(FleetMethods.CANARY_METADATA)) {
      return canary(node, request);
    }
    return EgressInfo.newBuilder()
        .setEgressId(request.getEgressId())
        .setRoomName(request.getRoomName())
        .setTrack(request.getTrack())
        .setRetryCount(request.getRetryCount())
        .setStartedAt(time.unixNanos())
        .setUpdatedAt(time.unixNanos())
        .build();
  }

  /** As a real node: a round trip over its own client comes first. */
  private static EgressInfo canary(Node node, StartEgressRequest dressed) {
    try {
      var _ =
          node.reports()
              .call(
                  FleetMethods.PROBE,
                  "",
                  ProbeRequest.getDefaultInstance(),
                  CallOptions.within(Duration.ofMillis(800)));
      long number = CanaryRequest.parseFrom(dressed.toByteString()).getNumber();
      CanaryAnswer answer =
          CanaryAnswer.newBuilder().setNodeId(node.id()).setNumber(number).build();
      return EgressInfo.parseFrom(answer.toByteString());
    } catch (InvalidProtocolBufferException damaged) {
      throw new IllegalArgumentException("a canary can't be read", damaged);
    }
  }

  /** Everybody's lease of this number. */
  List<Lease> leases(long number) {
    return nodes.stream()
        .map(node ->
            new Lease(
                node.id(),
                number,
                "",
                "",
                "bench",
                new Admission.Load(64, 0, 0, 0, 0, 0),
                new Admission.Limits(1, 0, 0),
                new Admission.Cost(0.01, 0),
                false,
                Duration.ZERO,
                List.of(),
                time.unixNanos()))
        .toList();
  }

  @Override
  public void close() {
    nodes.forEach(node -> {
      node.starts().close();
      node.reports().close();
    });
  }
}
