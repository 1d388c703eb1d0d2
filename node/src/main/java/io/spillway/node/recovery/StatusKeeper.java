package io.spillway.node.recovery;

import com.google.protobuf.Message;
import io.spillway.protocol.fleet.TakeUpAnswer;
import io.spillway.protocol.fleet.TakeUpRequest;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.rpc.GetEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.rpc.fleet.FleetMethods;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks whoever keeps statuses about an egress of an earlier life, through a client that asks again
 * while nobody answers: a guess could revive an egress that has ended. Thread-safe; waits.
 */
public final class StatusKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(StatusKeeper.class);

  private final RpcClient questions;
  private final Duration patience;

  /**
   * Asks for {@code patience} at most.
   *
   * @param questions repeats what nobody answers
   */
  public StatusKeeper(RpcClient questions, Duration patience) {
    this.questions = questions;
    this.patience = patience;
  }

  /**
   * What is stored of an egress; empty when it is unknown there.
   *
   * @throws RpcException when nobody tells
   */
  public Optional<EgressInfo> stored(String egressId) {
    return asked(
        egressId,
        EgressServices.GET_EGRESS,
        GetEgressRequest.newBuilder().setEgressId(egressId).build());
  }

  /**
   * The epoch under which a node may go on with an egress of its earlier life that was {@code
   * last}; empty when the egress went to another node meanwhile, or has ended.
   *
   * @param lives the node's ids before the present one
   * @throws RpcException when nobody tells
   */
  public Optional<Integer> nextEpoch(String nodeId, List<String> lives, String egressId, int last) {
    return asked(
            egressId,
            FleetMethods.TAKE_UP,
            TakeUpRequest.newBuilder()
                .setFormat(1)
                .setNodeId(nodeId)
                .setEgressId(egressId)
                .setEpoch(last)
                .addAllEarlierNodeIds(lives)
                .build())
        .map(TakeUpAnswer::getEpoch)
        .filter(epoch -> epoch > last);
  }

  private <Q extends Message, A extends Message> Optional<A> asked(
      String egressId, RpcMethod<Q, A> method, Q question) {
    try {
      return Optional.of(questions.call(method, "", question, CallOptions.within(patience)));
    } catch (RpcException failure) {
      if (failure.code() == RpcCode.NOT_FOUND) {
        return Optional.empty();
      }
      LOG.atWarn()
          .addKeyValue("egress", egressId)
          .addKeyValue("error", failure.getMessage())
          .log("nobody told what is stored of an egress");
      throw failure;
    }
  }
}
