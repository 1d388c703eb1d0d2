package io.spillway.controller;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.TokenSigner;
import io.spillway.core.trace.TraceKeys;
import io.spillway.protocol.fleet.CanaryAnswer;
import io.spillway.protocol.fleet.CanaryRequest;
import io.spillway.protocol.fleet.LeaseAnswer;
import io.spillway.protocol.fleet.ProbeRequest;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.fleet.FleetMethods;
import io.spillway.rpc.fleet.LeaseMessages;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** A node with a lease, that says what our nodes say, can fall silent, and records nothing. */
public final class LeasedNode implements AutoCloseable {
  private final String id;
  private final ControllerFixture at;
  private final RpcServer starts;
  private final RpcClient io;
  private final TimeSource time;
  private final AtomicLong number = new AtomicLong();
  private final AtomicLong sequence = new AtomicLong();
  private final List<StartEgressRequest> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> recording = new ConcurrentHashMap<>();
  private volatile boolean answersStarts = true;
  private volatile boolean reportsStarts = true;
  private volatile boolean answersCanaries = true;
  private volatile Optional<RpcException> refusal = Optional.empty();
  private volatile int slots = 100;
  private volatile String region = "";

  public LeasedNode(String id, ControllerFixture at) {
    this.id = id;
    this.at = at;
    this.time = at.time;
    RpcMetrics metrics = new RpcMetrics();
    this.starts =
        new PsrpcServer(
            at.bus, EgressServices.EGRESS_INTERNAL, id, time, ServerLimits.defaults(), metrics);
    this.io =
        new PsrpcClient(
            at.bus,
            EgressServices.IO_INFO,
            time,
            new Random(id.hashCode()),
            ClientLimits.defaults(),
            metrics);
    starts.serve(EgressServices.START_EGRESS, id, this::start);
  }

  /** What a node says first of an egress that it took. */
  static EgressInfo begun(StartEgressRequest request, long nowUnixNanos) {
    return EgressInfo.newBuilder()
        .setEgressId(request.getEgressId())
        .setRoomName(request.getRoomName())
        .setRetryCount(request.getRetryCount())
        .setTrack(request.getTrack())
        .setStartedAt(nowUnixNanos)
        .setUpdatedAt(nowUnixNanos)
        .build();
  }

  private EgressInfo start(StartEgressRequest request, RpcServer.Context context)
      throws InterruptedException {
    if (context.metadata().containsKey(FleetMethods.CANARY_METADATA)) {
      return canary(request);
    }
    requests.add(request);
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    EgressInfo info = begun(request, time.unixNanos());
    if (reportsStarts) {
      report(info, true);
      recording.put(request.getEgressId(), request.getRetryCount() + 1);
    }
    if (!answersStarts) {
      new CountDownLatch(1).await(); // until the server is closed
    }
    return info;
  }

  private EgressInfo canary(StartEgressRequest dressed) {
    if (!answersCanaries) {
      throw new RpcException(RpcCode.UNAVAILABLE, "no controller answers");
    }
    try {
      var _ =
          io.call(
              FleetMethods.PROBE,
              "",
              ProbeRequest.getDefaultInstance(),
              CallOptions.within(Duration.ofMillis(800)));
      long canary = CanaryRequest.parseFrom(dressed.toByteString()).getNumber();
      return EgressInfo.parseFrom(
          CanaryAnswer.newBuilder().setNodeId(id).setNumber(canary).build().toByteString());
    } catch (com.google.protobuf.InvalidProtocolBufferException damaged) {
      throw new AssertionError(damaged);
    }
  }

  /** Reports a status of an egress that this node has. */
  public void report(String egressId, EgressStatus status) {
    report(
        at.stored(egressId).toBuilder().setStatus(status).setUpdatedAt(time.unixNanos()).build(),
        false);
  }

  private void report(EgressInfo info, boolean first) {
    CallOptions options =
        CallOptions.within(Duration.ofSeconds(5))
            .withMetadata(
                Map.of(
                    TraceKeys.META_SEQUENCE,
                    Long.toString(sequence.incrementAndGet()),
                    TraceKeys.META_NODE,
                    id));
    var _ =
        io.call(
            first ? EgressServices.CREATE_EGRESS : EgressServices.UPDATE_EGRESS, "", info, options);
  }

  /** Says where it runs, from its next lease on. */
  public void region(String name) {
    region = name;
  }

  /** Sends a lease over HTTP; what it is told. */
  public List<LeaseOrder> renew() throws Exception {
    ControllerFixture.Answer answer =
        at.send(
            HttpRequest.newBuilder(at.url(LeaseMessages.PATH))
                .header(
                    "Authorization",
                    "Bearer " + new TokenSigner(ControllerFixture.KEYS.signing(), time).fleet())
                .POST(BodyPublishers.ofByteArray(LeaseMessages.report(lease()).toByteArray())));
    return LeaseMessages.orders(answer.as(LeaseAnswer.parser()));
  }

  public Lease lease() {
    return new Lease(
        id,
        number.incrementAndGet(),
        region,
        "",
        "test",
        new Admission.Load(4, 0, 0, recording.size(), 0, 0),
        new Admission.Limits(0.8, 0, slots),
        new Admission.Cost(0.01, 0),
        false,
        Duration.ZERO,
        recording.entrySet().stream()
            .map(entry -> new Lease.Held(entry.getKey(), entry.getValue(), 0, 0))
            .toList(),
        time.unixNanos());
  }

  /** Takes requests and says nothing about them any more. */
  public void fallSilent(boolean alsoTowardsTheStore) {
    answersStarts = false;
    reportsStarts = !alsoTowardsTheStore;
  }

  public void answerCanaries(boolean does) {
    answersCanaries = does;
  }

  public void refuse(RpcException why) {
    refusal = Optional.of(why);
  }

  /** Takes starts again. */
  public void refuseNoMore() {
    refusal = Optional.empty();
  }

  public void slots(int count) {
    slots = count;
  }

  public List<StartEgressRequest> requests() {
    return requests;
  }

  public Map<String, Integer> recording() {
    return recording;
  }

  @Override
  public void close() {
    starts.close();
    io.close();
  }
}
