package io.spillway.controller.status;

import io.spillway.core.fleet.LostEgress.OnNodeLoss;
import io.spillway.core.trace.TraceKeys;
import io.spillway.protocol.fleet.TakeUpAnswer;
import io.spillway.protocol.fleet.TakeUpRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.fleet.FleetMethods;
import io.spillway.store.EgressStore;
import io.spillway.store.StatusOrder;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a restarted node the next epoch of an egress that it recorded before, if the row still
 * names one of the node's earlier lives. The row changes in one step, as for a move to another
 * node: of the two only one happens, and nobody looks for another node while this one joins.
 */
public final class RestartDesk {
  private static final Logger LOG = LoggerFactory.getLogger(RestartDesk.class);

  private final EgressStore store;
  private final OnNodeLoss onNodeLoss;
  private final Fleet fleet;

  /**
   * What this controller knows of the others.
   *
   * @param regionOf where the node with this id runs; empty: unknown
   * @param isAlive whether a node with this id is heard
   * @param isPlacing whether the controller with the first id looks for a node for the egress with
   *     the second
   */
  public record Fleet(
      UnaryOperator<String> regionOf,
      Predicate<String> isAlive,
      BiPredicate<String, String> isPlacing) {}

  /** {@code onNodeLoss} holds for a node that comes back as well. */
  public RestartDesk(EgressStore store, OnNodeLoss onNodeLoss, Fleet fleet) {
    this.store = store;
    this.onNodeLoss = onNodeLoss;
    this.fleet = fleet;
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
    String holder = stored.node();
    if (StatusOrder.isFinal(stored.info().getStatus())) {
      return refused("it has ended");
    }
    if (holder.equals(request.getNodeId()) && stored.epoch() > request.getEpoch()) {
      return given(stored.epoch()); // it asked before, and the answer was lost
    }
    if (!isTheirs(request, stored)) {
      return refused("another node has it");
    }
    if (onNodeLoss == OnNodeLoss.END) {
      return refused("egresses that lose their node end here");
    }
    return store
        .handTo(
            stored,
            request.getEpoch(),
            request.getNodeId(),
            fleet.regionOf().apply(request.getNodeId()),
            "its node was restarted and goes on")
        .map(RestartDesk::given)
        .orElseGet(() -> decideAnew(request));
  }

  /** Whether the row's holder is a life that the node had before, or there is none to respect. */
  private boolean isTheirs(TakeUpRequest request, StoredEgress stored) {
    String holder = stored.node();
    if (!holder.isEmpty() && request.getEarlierNodeIdsList().contains(holder)) {
      return true;
    }
    if (stored.epoch() > request.getEpoch()) {
      return false;
    }
    if (!holder.isEmpty()) {
      // A node of an earlier version doesn't tell its lives: then only one that lives is respected.
      return request.getEarlierNodeIdsCount() == 0 && !fleet.isAlive().test(holder);
    }
    if (fleet.isPlacing().test(stored.dispatcher(), request.getEgressId())) {
      throw new RpcException(
          RpcCode.UNAVAILABLE,
          "a controller is looking for a node for %s at this moment: ask again"
              .formatted(request.getEgressId()));
    }
    return true;
  }

  /** Somebody else was faster, perhaps this node's own call before. */
  private TakeUpAnswer decideAnew(TakeUpRequest request) {
    StoredEgress now = find(request);
    return now.node().equals(request.getNodeId()) && now.epoch() > request.getEpoch()
        ? given(now.epoch())
        : refused("another node was faster");
  }

  private static TakeUpAnswer given(int epoch) {
    return TakeUpAnswer.newBuilder().setFormat(1).setEpoch(epoch).build();
  }

  private static TakeUpAnswer refused(String reason) {
    return TakeUpAnswer.newBuilder().setFormat(1).setReason(reason).build();
  }
}
