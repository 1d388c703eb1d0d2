package io.spillway.node.recovery;

import com.google.protobuf.Message;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
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
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks whoever keeps statuses about an egress of an earlier life; again while nobody answers,
 * because a guess could revive an egress that has ended. Thread-safe; waits.
 */
public final class StatusKeeper implements AutoCloseable {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(StatusKeeper.class);

  private final RpcClient io;
  private final Duration patience;
  private final TimeSource time;
  private volatile boolean closed;

  /** Asks for {@code patience} at most. */
  public StatusKeeper(RpcClient io, Duration patience, TimeSource time) {
    this.io = io;
    this.patience = patience;
    this.time = time;
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
   * @throws RpcException when nobody tells
   */
  public Optional<Integer> nextEpoch(String nodeId, String egressId, int last) {
    return asked(
            egressId,
            FleetMethods.TAKE_UP,
            TakeUpRequest.newBuilder()
                .setFormat(1)
                .setNodeId(nodeId)
                .setEgressId(egressId)
                .setEpoch(last)
                .build())
        .map(TakeUpAnswer::getEpoch)
        .filter(epoch -> epoch > last);
  }

  private <Q extends Message, A extends Message> Optional<A> asked(
      String egressId, RpcMethod<Q, A> method, Q question) {
    Deadline deadline = Deadline.in(time, patience);
    while (true) {
      try {
        return Optional.of(io.call(method, "", question, CallOptions.within(ANSWER_WITHIN)));
      } catch (RpcException failure) {
        if (failure.code() == RpcCode.NOT_FOUND) {
          return Optional.empty();
        }
        LOG.atWarn()
            .addKeyValue("egress", egressId)
            .addKeyValue("error", failure.getMessage())
            .log("nobody tells what is stored of an egress");
        if (closed || deadline.hasPassed()) {
          throw failure;
        }
        pause();
      }
    }
  }

  private void pause() {
    CountDownLatch over = new CountDownLatch(1);
    TimeSource.Timer timer = time.after(PAUSE, over::countDown);
    try {
      over.await();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new RpcException(RpcCode.UNAVAILABLE, "server is shutting down", stopping);
    } finally {
      timer.cancel();
    }
  }

  /** Who asks now gets no further try. */
  @Override
  public void close() {
    closed = true;
  }
}
