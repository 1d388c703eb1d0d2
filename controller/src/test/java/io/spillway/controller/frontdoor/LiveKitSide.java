package io.spillway.controller.frontdoor;

import com.google.protobuf.Empty;
import io.spillway.controller.ControllerFixture;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.StopEgressRequest;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** What a livekit-server does with egresses on its Redis: asks, stores blindly, sends webhooks. */
final class LiveKitSide implements AutoCloseable {
  private final RpcClient internal;
  private final RpcClient handler;
  private final RpcServer io;
  private final Map<String, EgressInfo> stored = new ConcurrentHashMap<>();
  private final List<String> webhooks = new CopyOnWriteArrayList<>();
  private final AtomicInteger lostAnswers = new AtomicInteger();

  LiveKitSide(MessageBus bus, TimeSource time) {
    RpcMetrics metrics = new RpcMetrics();
    ClientLimits limits = ClientLimits.defaults();
    internal =
        new PsrpcClient(bus, EgressServices.EGRESS_INTERNAL, time, new Random(11), limits, metrics);
    handler =
        new PsrpcClient(bus, EgressServices.EGRESS_HANDLER, time, new Random(12), limits, metrics);
    io =
        new PsrpcServer(
            bus, EgressServices.IO_INFO, "SRV_livekit", time, ServerLimits.defaults(), metrics);
    io.serve(EgressServices.CREATE_EGRESS, "", (info, context) -> create(info));
    io.serve(EgressServices.UPDATE_EGRESS, "", (info, context) -> update(info));
    io.serve(
        EgressServices.GET_EGRESS,
        "",
        (question, context) ->
            Optional.ofNullable(stored.get(question.getEgressId()))
                .orElseThrow(() -> new RpcException(RpcCode.NOT_FOUND, "egress does not exist")));
  }

  private Empty create(EgressInfo info) {
    if (stored.putIfAbsent(info.getEgressId(), info) == null) {
      tell("started", info);
    }
    return Empty.getDefaultInstance();
  }

  private Empty update(EgressInfo info) {
    stored.put(info.getEgressId(), info);
    boolean ended = info.getStatusValue() >= 3;
    tell(ended ? "ended" : "updated", info);
    if (lostAnswers.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new RpcException(RpcCode.INTERNAL, "stored, but nobody hears so");
    }
    return Empty.getDefaultInstance();
  }

  private void tell(String event, EgressInfo info) {
    webhooks.add(info.getEgressId() + " " + event + " " + info.getStatus());
  }

  /** Asks for track 1 of room studio as livekit-server does, and keeps the answer. */
  EgressInfo start(String egressId) {
    StartEgressRequest request =
        StartEgressRequest.newBuilder()
            .setEgressId(egressId)
            .setRoomId("RM_studio")
            .setTrack(ControllerFixture.trackRequest())
            .build();
    EgressInfo info = ask(request);
    var _ = create(info);
    return info;
  }

  /** The bare request. */
  EgressInfo ask(StartEgressRequest request) {
    return internal.call(
        EgressServices.START_EGRESS,
        "",
        request,
        CallOptions.within(Duration.ofSeconds(10)).withAffinity(1, Duration.ofMillis(500)));
  }

  EgressInfo stop(String egressId) {
    return handler.call(
        EgressServices.STOP_EGRESS,
        egressId,
        StopEgressRequest.newBuilder().setEgressId(egressId).build(),
        CallOptions.within(Duration.ofSeconds(3)));
  }

  /** Takes the next updates and answers them with an error all the same. */
  void loseAnswers(int count) {
    lostAnswers.set(count);
  }

  List<String> webhooks() {
    return webhooks;
  }

  @Override
  public void close() {
    internal.close();
    handler.close();
    io.close();
  }
}
