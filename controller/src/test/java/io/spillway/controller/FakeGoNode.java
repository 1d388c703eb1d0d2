package io.spillway.controller;

import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.rpc.ListActiveEgressResponse;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Says on the bus what a livekit/egress node says: no lease, no node id, no sequence numbers. */
public final class FakeGoNode implements AutoCloseable {
  private final TimeSource time;
  private final RpcServer internal;
  private final PsrpcClient io;
  private final boolean mute;
  private final List<String> started = new CopyOnWriteArrayList<>();
  private final Set<String> active = ConcurrentHashMap.newKeySet();

  /** {@code mute}: takes starts and neither reports nor answers them. */
  public FakeGoNode(String id, float affinity, boolean mute, MessageBus bus, TimeSource time) {
    this.time = time;
    this.mute = mute;
    RpcMetrics metrics = new RpcMetrics();
    this.internal =
        new PsrpcServer(
            bus, EgressServices.EGRESS_INTERNAL, id, time, ServerLimits.defaults(), metrics);
    this.io =
        new PsrpcClient(
            bus,
            EgressServices.IO_INFO,
            time,
            new Random(id.hashCode()),
            ClientLimits.defaults(),
            metrics);
    internal.serve(
        EgressServices.START_EGRESS, "", this::start, request -> RpcServer.Bid.of(affinity));
    internal.serve(
        EgressServices.LIST_ACTIVE_EGRESS,
        "",
        (_, _) -> ListActiveEgressResponse.newBuilder().addAllEgressIds(active).build());
  }

  private EgressInfo start(StartEgressRequest request, RpcServer.Context context)
      throws InterruptedException {
    started.add(request.getEgressId());
    if (mute) {
      new CountDownLatch(1).await(); // until the server is closed
    }
    EgressInfo info = LeasedNode.begun(request, time.unixNanos());
    active.add(request.getEgressId());
    CallOptions within = CallOptions.within(Duration.ofSeconds(5));
    io.call(EgressServices.CREATE_EGRESS, "", info, within);
    io.call(
        EgressServices.UPDATE_EGRESS,
        "",
        info.toBuilder()
            .setStatus(EgressStatus.EGRESS_ACTIVE)
            .setUpdatedAt(time.unixNanos() + 1)
            .build(),
        within);
    return info;
  }

  /** Sends a report of its own, as UpdateEgress. */
  public void update(EgressInfo info) {
    io.call(EgressServices.UPDATE_EGRESS, "", info, CallOptions.within(Duration.ofSeconds(5)));
  }

  /** Sends a report of its own, as CreateEgress. */
  public void create(EgressInfo info) {
    io.call(EgressServices.CREATE_EGRESS, "", info, CallOptions.within(Duration.ofSeconds(5)));
  }

  /** The client that its reports come from. */
  public String clientId() {
    return io.clientId();
  }

  /** What it took, in order. */
  public List<String> started() {
    return started;
  }

  @Override
  public void close() {
    internal.close();
    io.close();
  }
}
