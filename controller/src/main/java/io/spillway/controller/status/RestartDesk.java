package io.spillway.controller.status;

import io.spillway.core.trace.TraceKeys;
import io.spillway.protocol.fleet.TakeUpAnswer;
import io.spillway.protocol.fleet.TakeUpRequest;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.fleet.FleetMethods;
import io.spillway.store.Applied;
import io.spillway.store.EgressStore;
import io.spillway.store.StatusOrder;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a restarted node the next epoch of an egress that it recorded before. The epoch is moved in
 * the store, as for a move to another node: of the two only one happens. The row then says that the
 * node has it, so that nobody looks for another one while it joins.
 */
public final class RestartDesk {
  /** Before any report of the node's own, whose sequences are times. */
  private static final long BEFORE_ITS_REPORTS = 1;

  private static final Logger LOG = LoggerFactory.getLogger(RestartDesk.class);

  private final EgressStore store;
  private final UnaryOperator<String> regionOf;

  /** {@code regionOf} a node's id tells where it runs; empty: unknown. */
  public RestartDesk(EgressStore store, UnaryOperator<String> regionOf) {
    this.store = store;
    this.regionOf = regionOf;
  }

  /** Serves it on {@code reports}, a server of IOInfo, which stays the caller's. */
  public void serveOn(RpcServer reports) {
    reports.serve(FleetMethods.TAKE_UP, "", (request, context) -> takeUp(request));
  }

  /**
   * The answer to a node; asked again (an answer may be lost) it is the same.
   *
   * @throws RpcException {@code not_found} for an unknown egress, {@code unavailable} when the
   *     store is away: then nothing may be done yet
   */
  TakeUpAnswer takeUp(TakeUpRequest request) {
    if (request.getEgressId().isEmpty()
        || request.getNodeId().isEmpty()
        || request.getEpoch() < 1) {
      throw new RpcException(
          RpcCode.INVALID_ARGUMENT, "taking up an egress needs egress_id, node_id and epoch");
    }
    try {
      StoredEgress stored = find(request);
      TakeUpAnswer answer = decide(request, stored);
      LOG.atInfo()
          .addKeyValue(TraceKeys.LOG_EGRESS, request.getEgressId())
          .addKeyValue(TraceKeys.LOG_NODE, request.getNodeId())
          .addKeyValue("recorded_epoch", request.getEpoch())
          .addKeyValue("given_epoch", answer.getEpoch())
          .addKeyValue("reason", answer.getReason())
          .log("a restarted node asked for an egress of its earlier life");
      return answer;
    } catch (StoreException away) {
      throw new RpcException(
          RpcCode.UNAVAILABLE,
          "the controller could not read or move the egress: " + away.getMessage(),
          away);
    }
  }

  private StoredEgress find(TakeUpRequest request) {
    return store
        .find(request.getEgressId())
        .orElseThrow(() ->
            new RpcException(
                RpcCode.NOT_FOUND, "egress " + request.getEgressId() + " is not stored"));
  }

  private TakeUpAnswer decide(TakeUpRequest request, StoredEgress stored) {
    String node = request.getNodeId();
    if (StatusOrder.isFinal(stored.info().getStatus())) {
      return refused("it has ended");
    }
    boolean granted = stored.node().equals(node) || stored.dispatcher().equals(node);
    if (stored.epoch() > request.getEpoch()) {
      return granted ? given(request, stored.epoch(), stored) : refused("another node has it");
    }
    Optional<Integer> fenced =
        store.fenceFrom(
            request.getEgressId(), stored.epoch(), node, "its node was restarted and goes on");
    return fenced
        .map(epoch -> given(request, Math.max(epoch, request.getEpoch() + 1), stored))
        .orElseGet(() -> decideAnew(request));
  }

  /** Somebody else was faster, perhaps this node's own call before. */
  private TakeUpAnswer decideAnew(TakeUpRequest request) {
    StoredEgress now = find(request);
    boolean mine =
        now.node().equals(request.getNodeId()) || now.dispatcher().equals(request.getNodeId());
    return mine && now.epoch() > request.getEpoch()
        ? given(request, now.epoch(), now)
        : refused("another node was faster");
  }

  private TakeUpAnswer given(TakeUpRequest request, int epoch, StoredEgress stored) {
    String node = request.getNodeId();
    Applied _ =
        store.apply(
            new StatusUpdate(
                stored.info().toBuilder()
                    .setStatus(EgressStatus.EGRESS_STARTING)
                    .setRetryCount(epoch - 1)
                    .build(),
                epoch,
                BEFORE_ITS_REPORTS,
                node,
                regionOf.apply(node),
                "its node was restarted and goes on"));
    return TakeUpAnswer.newBuilder().setFormat(1).setEpoch(epoch).build();
  }

  private static TakeUpAnswer refused(String reason) {
    return TakeUpAnswer.newBuilder().setFormat(1).setReason(reason).build();
  }
}
