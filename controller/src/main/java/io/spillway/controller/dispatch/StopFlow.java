package io.spillway.controller.dispatch;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.StopEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.retry.RetryBudget;
import io.spillway.store.EgressStore;
import io.spillway.store.StatusOrder;
import io.spillway.store.StoredEgress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops an egress by telling the node that has it. Thread-safe; blocks its caller for all tries at
 * most.
 */
public final class StopFlow {
  private static final Logger LOG = LoggerFactory.getLogger(StopFlow.class);

  private final EgressStore store;
  private final RpcClient nodes;
  private final DispatchSettings settings;
  private final RetryBudget retries;

  /**
   * Calls over {@code nodes}, a client of {@link EgressServices#EGRESS_HANDLER}.
   *
   * @param retries of the process: many stops that nobody hears are not all told three times
   */
  public StopFlow(
      EgressStore store, RpcClient nodes, DispatchSettings settings, RetryBudget retries) {
    this.store = store;
    this.nodes = nodes;
    this.settings = settings;
    this.retries = retries;
  }

  /**
   * The node's EgressInfo after the stop.
   *
   * @throws RpcException {@code not_found}, {@code failed_precondition} for an egress that has
   *     ended, or why its node could not be told
   */
  public EgressInfo stop(String egressId, Trace trace) {
    StoredEgress stored = find(egressId).orElseThrow(StopFlow::unknown);
    trace.egress(egressId, stored.epoch());
    trace.roomSid(stored.info().getRoomId());
    trace.node(stored.node());
    if (StatusOrder.isFinal(stored.info().getStatus())) {
      throw ended(stored.info().getStatus());
    }
    try {
      EgressInfo info = tell(egressId, trace);
      LOG.atInfo().log("egress told to stop");
      return info;
    } catch (RpcException failure) {
      throw explained(egressId, stored.node(), failure);
    }
  }

  private Optional<StoredEgress> find(String egressId) {
    return egressId.isEmpty() ? Optional.empty() : store.find(egressId);
  }

  private EgressInfo tell(String egressId, Trace trace) {
    StopEgressRequest request = StopEgressRequest.newBuilder().setEgressId(egressId).build();
    CallOptions options = CallOptions.within(settings.stopTimeout()).withMetadata(trace.metadata());
    retries.called();
    for (int attempt = 1; ; attempt++) {
      try {
        return nodes.call(EgressServices.STOP_EGRESS, egressId, request, options);
      } catch (RpcException failure) {
        boolean unheard =
            failure.code() == RpcCode.UNAVAILABLE || failure.code() == RpcCode.DEADLINE_EXCEEDED;
        if (!unheard || attempt == settings.stopTries() || hasEnded(egressId) || !retries.take()) {
          throw failure;
        }
      }
    }
  }

  private boolean hasEnded(String egressId) {
    return store
        .find(egressId)
        .map(egress -> StatusOrder.isFinal(egress.info().getStatus()))
        .orElse(true);
  }

  /**
   * The stored status may have changed while the node was asked: it decides what the failure is.
   */
  private RpcException explained(String egressId, String node, RpcException failure) {
    EgressStatus status =
        store
            .find(egressId)
            .map(egress -> egress.info().getStatus())
            .orElseThrow(StopFlow::unknown);
    if (status != EgressStatus.EGRESS_STARTING && status != EgressStatus.EGRESS_ACTIVE) {
      return ended(status);
    }
    boolean unheard =
        failure.code() == RpcCode.DEADLINE_EXCEEDED || ClusterDispatcher.isSilence(failure);
    if (!unheard) {
      return failure;
    }
    return new RpcException(
        RpcCode.DEADLINE_EXCEEDED,
        ("request timed out: the node%s that has egress %s (%s) did not answer %d tries;"
                + " it goes on until its node answers or is found dead")
            .formatted(node.isEmpty() ? "" : " " + node, egressId, status, settings.stopTries()),
        failure);
  }

  private static RpcException ended(EgressStatus status) {
    return new RpcException(
        RpcCode.FAILED_PRECONDITION, "egress with status " + status + " cannot be stopped");
  }

  private static RpcException unknown() {
    return new RpcException(RpcCode.NOT_FOUND, "egress does not exist");
  }
}
