package io.spillway.controller;

import io.spillway.core.time.TimeSource;
import io.spillway.core.trace.TraceKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** A node that says what nodes say and records nothing. */
public final class FakeNode implements AutoCloseable {
  private final RpcServer starts;
  private final RpcServer handlers;
  private final RpcClient reports;
  private final TimeSource time;
  private final AtomicLong sequence = new AtomicLong();
  private final List<StartEgressRequest> requests = new CopyOnWriteArrayList<>();
  private final List<Map<String, String>> metadata = new CopyOnWriteArrayList<>();
  private final List<String> stopped = new CopyOnWriteArrayList<>();
  private volatile Duration slowness = Duration.ZERO;
  private volatile Optional<RpcException> refusal = Optional.empty();

  public FakeNode(MessageBus bus, TimeSource time) {
    RpcMetrics metrics = new RpcMetrics();
    ServerLimits limits = ServerLimits.defaults();
    this.time = time;
    this.starts =
        new PsrpcServer(bus, EgressServices.EGRESS_INTERNAL, "NE_1", time, limits, metrics);
    this.handlers =
        new PsrpcServer(bus, EgressServices.EGRESS_HANDLER, "NE_1", time, limits, metrics);
    this.reports =
        new PsrpcClient(
            bus, EgressServices.IO_INFO, time, new Random(3), ClientLimits.defaults(), metrics);
    starts.serve(EgressServices.START_EGRESS, "", this::start);
  }

  private EgressInfo start(StartEgressRequest request, RpcServer.Context context)
      throws InterruptedException {
    awaitSlowly();
    requests.add(request);
    metadata.add(context.metadata());
    refusal.ifPresent(why -> {
      throw why;
    });
    serve(request.getEgressId());
    long now = time.unixNanos();
    EgressInfo.Builder info =
        EgressInfo.newBuilder()
            .setEgressId(request.getEgressId())
            .setRoomId(request.getRoomId())
            .setRoomName(request.getRoomName())
            .setStartedAt(now)
            .setUpdatedAt(now);
    switch (request.getRequestCase()) {
      case TRACK -> info.setTrack(request.getTrack());
      case EGRESS -> info.setEgress(request.getEgress());
      default -> throw new IllegalArgumentException("not for this test: " + request);
    }
    return info.build();
  }

  /** Answers StopEgress for this egress. */
  public void serve(String egressId) {
    handlers.serve(
        EgressServices.STOP_EGRESS,
        egressId,
        (request, context) -> {
          stopped.add(request.getEgressId());
          return EgressInfo.newBuilder()
              .setEgressId(egressId)
              .setStatus(EgressStatus.EGRESS_ENDING)
              .build();
        });
  }

  private void awaitSlowly() throws InterruptedException {
    CountDownLatch late = new CountDownLatch(1);
    time.after(slowness, late::countDown);
    late.await();
  }

  /** Takes this long for each start. */
  public void slow(Duration by) {
    slowness = by;
  }

  public void refuse(RpcException why) {
    refusal = Optional.of(why);
  }

  public List<StartEgressRequest> requests() {
    return requests;
  }

  public List<Map<String, String>> metadata() {
    return metadata;
  }

  public List<String> stopped() {
    return stopped;
  }

  /** Reports with the next sequence number. */
  public void update(EgressInfo info) {
    update(info, Long.toString(sequence.incrementAndGet()));
  }

  public void update(EgressInfo info, String sequenceNumber) {
    reports.call(EgressServices.UPDATE_EGRESS, "", info, options(sequenceNumber));
  }

  public void create(EgressInfo info) {
    reports.call(
        EgressServices.CREATE_EGRESS, "", info, options(Long.toString(sequence.incrementAndGet())));
  }

  public RpcClient reports() {
    return reports;
  }

  private static CallOptions options(String sequenceNumber) {
    return CallOptions.within(Duration.ofSeconds(5))
        .withMetadata(Map.of(TraceKeys.META_SEQUENCE, sequenceNumber, TraceKeys.META_NODE, "NE_1"));
  }

  @Override
  public void close() {
    starts.close();
    handlers.close();
    reports.close();
  }
}
