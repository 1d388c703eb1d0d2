package io.spillway.node;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.rpc.GetEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Before a recorder joins a room once more: whether the egress is still its own. A node that was
 * cut off for a while may have lost it, and joining would evict the recorder that has it now, which
 * has the same identity. Without an answer it joins: a controller's pause must not end a recording.
 * Thread-safe; waits.
 */
final class EpochCheck {
  /** A share of the time in which a lost connection has to be back. */
  static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(EpochCheck.class);

  private final RpcClient io;
  private final boolean asks;

  /**
   * Asks over {@code io}.
   *
   * @param asks false where nobody gives a running egress to another node
   */
  EpochCheck(RpcClient io, boolean asks) {
    this.io = io;
    this.asks = asks;
  }

  /**
   * Returns if the recorder may join.
   *
   * @throws RpcException when another one has the egress
   */
  void requireNewest(String egressId, int epoch) {
    if (!asks) {
      return;
    }
    EgressInfo stored;
    try {
      stored =
          io.call(
              EgressServices.GET_EGRESS,
              "",
              GetEgressRequest.newBuilder().setEgressId(egressId).build(),
              CallOptions.within(ANSWER_WITHIN));
    } catch (RpcException nobody) {
      LOG.atWarn()
          .addKeyValue("egress", egressId)
          .addKeyValue("error", nobody.getMessage())
          .log("nobody told whether the egress is still this recorder's: it joins");
      return;
    }
    if (stored.getRetryCount() + 1 > epoch) {
      throw new RpcException(
          RpcCode.ABORTED,
          "egress %s has epoch %d by now, this recorder's is %d: not joined again"
              .formatted(egressId, stored.getRetryCount() + 1, epoch));
    }
  }
}
