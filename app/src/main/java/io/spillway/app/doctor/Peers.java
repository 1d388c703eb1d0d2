package io.spillway.app.doctor;

import io.spillway.core.time.TimeSource;
import io.spillway.node.report.BusProof;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressResponse;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Who answers on a bus: whoever keeps statuses (a livekit-server, or controllers), and the nodes,
 * ours and livekit/egress's alike. Each answer says by its sender's wall clock when it was sent.
 */
final class Peers {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(3);

  /** All nodes answer at once; who hasn't by then is not there. */
  private static final Duration NODES_ANSWER_WITHIN = Duration.ofSeconds(1);

  private final MessageBus bus;
  private final String clusterId;
  private final TimeSource time;
  private final RandomGenerator random;
  private final RpcMetrics metrics;

  /**
   * Asks nobody yet.
   *
   * @param clusterId of the nodes; mostly empty
   * @param metrics that nobody else uses: what they say of clocks is told
   */
  Peers(
      MessageBus bus,
      String clusterId,
      TimeSource time,
      RandomGenerator random,
      RpcMetrics metrics) {
    this.bus = bus;
    this.clusterId = clusterId;
    this.time = time;
    this.random = random;
    this.metrics = metrics;
  }

  /** Takes some seconds when nobody answers. */
  List<Finding> examine() {
    List<Finding> out = new ArrayList<>();
    out.add(statusKeeper());
    out.add(nodes());
    out.add(Judgments.peerClocks(metrics.skew().all()));
    return out;
  }

  private Finding statusKeeper() {
    try (PsrpcClient io = client(EgressServices.IO_INFO)) {
      var _ =
          io.call(
              EgressServices.LIST_EGRESS,
              "",
              ListEgressRequest.newBuilder().setRoomName(BusProof.NO_ROOM).build(),
              CallOptions.within(ANSWER_WITHIN));
      return Finding.ok("statuses", "somebody on this Redis keeps them");
    } catch (RpcException unanswered) {
      return Finding.fail(
          "statuses",
          "nobody on this Redis keeps them (" + unanswered.getMessage() + ")",
          "a livekit-server or a Spillway controller must use the same Redis and db");
    }
  }

  private Finding nodes() {
    try (PsrpcClient internal = client(EgressServices.EGRESS_INTERNAL)) {
      List<ListActiveEgressResponse> answers =
          internal.callAll(
              EgressServices.LIST_ACTIVE_EGRESS,
              clusterId,
              ListActiveEgressRequest.getDefaultInstance(),
              CallOptions.within(NODES_ANSWER_WITHIN));
      int recordings = answers.stream().mapToInt(ListActiveEgressResponse::getEgressIdsCount).sum();
      return Finding.ok("nodes", answers.size() + " answer, with " + recordings + " recordings");
    } catch (RpcException failed) {
      return Finding.warn("nodes", "could not be asked: " + failed.getMessage(), "ask again");
    }
  }

  private PsrpcClient client(String service) {
    return new PsrpcClient(bus, service, time, random, ClientLimits.defaults(), metrics);
  }
}
