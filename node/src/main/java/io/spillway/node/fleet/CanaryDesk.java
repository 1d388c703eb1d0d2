package io.spillway.node.fleet;

import com.google.protobuf.InvalidProtocolBufferException;
import io.spillway.protocol.fleet.CanaryAnswer;
import io.spillway.protocol.fleet.CanaryRequest;
import io.spillway.protocol.fleet.ProbeRequest;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.fleet.FleetMethods;
import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Answers canaries, but only after a round trip over the very client and connection that carry
 * statuses: a node whose server hears everything while its statuses can't get out must not look
 * well. Thread-safe; an answer blocks its thread for {@link #PROBE_WITHIN} at most.
 */
public final class CanaryDesk {
  /** Less than a controller waits for its canary. */
  static final Duration PROBE_WITHIN = Duration.ofMillis(800);

  private final String nodeId;
  private final RpcClient io;
  private final Supplier<Duration> oldestStatus;
  private final IntSupplier statusesWaiting;
  private final Runnable gotThrough;

  /**
   * Probes over {@code io}, the client of IOInfo that carries the node's statuses.
   *
   * @param oldestStatus how long the oldest status waits that nobody acknowledged
   * @param gotThrough run when a probe was answered: statuses get through as well
   */
  public CanaryDesk(
      String nodeId,
      RpcClient io,
      Supplier<Duration> oldestStatus,
      IntSupplier statusesWaiting,
      Runnable gotThrough) {
    this.nodeId = nodeId;
    this.io = io;
    this.oldestStatus = oldestStatus;
    this.statusesWaiting = statusesWaiting;
    this.gotThrough = gotThrough;
  }

  /**
   * The answer to a canary, in the dress of a start's.
   *
   * @throws RpcException when no controller answers the probe
   */
  public EgressInfo answer(StartEgressRequest dressed) {
    try {
      CanaryRequest canary = CanaryRequest.parseFrom(dressed.toByteString());
      var _ =
          io.call(
              FleetMethods.PROBE,
              "",
              ProbeRequest.newBuilder().setFormat(1).setNodeId(nodeId).build(),
              CallOptions.within(PROBE_WITHIN));
      gotThrough.run();
      CanaryAnswer answer =
          CanaryAnswer.newBuilder()
              .setFormat(1)
              .setNodeId(nodeId)
              .setNumber(canary.getNumber())
              .setOldestStatusMillis(oldestStatus.get().toMillis())
              .setStatusesWaiting(statusesWaiting.getAsInt())
              .build();
      return EgressInfo.parseFrom(answer.toByteString());
    } catch (InvalidProtocolBufferException damaged) {
      throw new RpcException(RpcCode.MALFORMED_REQUEST, "the canary can't be read", damaged);
    }
  }
}
