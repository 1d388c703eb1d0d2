package io.spillway.controller.dispatch;

import io.spillway.core.time.Deadline;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.retry.RetryBudget;
import java.time.Duration;

/**
 * Offers an egress to all nodes of a cluster and takes the best bid, as livekit-server does
 * (livekit/protocol rpc/egress_client.go): a bid of 1 at once, else the best half a second after
 * the first. A silent fleet is asked once more, because a bus loses messages at times, and then the
 * answer says what silence means.
 */
public final class ClusterDispatcher implements Dispatcher {
  private static final int TRIES = 2;
  private static final float BEST_BID = 1;
  private static final Duration BID_WAIT = Duration.ofSeconds(1);
  private static final Duration BETTER_BID_WAIT = Duration.ofMillis(500);

  /** psrpc's words for "nobody claimed", which tell a user nothing (livekit/psrpc errors.go). */
  private static final String SILENCE = "no response from servers";

  private final RpcClient nodes;
  private final String cluster;
  private final RetryBudget retries;

  /**
   * Calls over {@code nodes}, a client of {@link EgressServices#EGRESS_INTERNAL}.
   *
   * @param cluster the nodes' {@code cluster_id}; empty as in LiveKit's open source
   * @param retries of the process: a silent fleet is not asked twice by everybody
   */
  public ClusterDispatcher(RpcClient nodes, String cluster, RetryBudget retries) {
    this.nodes = nodes;
    this.cluster = cluster;
    this.retries = retries;
  }

  @Override
  public EgressInfo dispatch(StartEgressRequest request, Trace trace, Deadline deadline) {
    retries.called();
    for (int attempt = 1; ; attempt++) {
      CallOptions options =
          new CallOptions(
              Duration.ofNanos(Math.max(1, deadline.remainingNanos())),
              BID_WAIT,
              BETTER_BID_WAIT,
              BEST_BID,
              trace.metadata());
      try {
        // A node serves under its own id, so whoever answered is the node, also of a refusal.
        return nodes.call(EgressServices.START_EGRESS, cluster, request, options, trace::node);
      } catch (RpcException failure) {
        if (!isSilence(failure)) {
          throw failure;
        }
        if (attempt == TRIES || deadline.hasPassed() || !retries.take()) {
          throw silence(request.getEgressId(), attempt, failure);
        }
      }
    }
  }

  static boolean isSilence(RpcException failure) {
    String text = failure.getMessage();
    return failure.code() == RpcCode.UNAVAILABLE && text != null && text.contains(SILENCE);
  }

  /** Whether a dispatch failed because nobody offered to take it. */
  static boolean isNobody(RpcException failure) {
    return failure.code() == RpcCode.UNAVAILABLE
        && failure.getCause() instanceof RpcException cause
        && isSilence(cause);
  }

  private RpcException silence(String egressId, int asked, RpcException cause) {
    String where = cluster.isEmpty() ? "this cluster" : "cluster '" + cluster + "'";
    return new RpcException(
        RpcCode.UNAVAILABLE,
        ("no egress node of %s took %s: asked %d times, nobody offered to within %d ms each;"
                + " either no node runs, or all are full, draining or cut off from the bus")
            .formatted(where, egressId, asked, BID_WAIT.toMillis()),
        cause);
  }
}
