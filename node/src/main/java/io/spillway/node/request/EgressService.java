package io.spillway.node.request;

import com.google.protobuf.Message;
import io.spillway.core.trace.TraceKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.rpc.ListActiveEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressResponse;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.RpcServer.Bid;
import io.spillway.rpc.RpcServer.Context;
import io.spillway.rpc.RpcServer.Registration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The node's side of EgressInternal and EgressHandler (livekit/protocol rpc/egress.proto).
 * Thread-safe.
 *
 * <p>The bid: 1 when the node can take the request, held back by up to {@link #LONGEST_DELAY} in
 * proportion to its load, so that of several nodes the least loaded wins and nobody waits for a
 * better one. A node that can't take it bids {@link #LAST_RESORT}: any node that can wins; if none
 * can, this one is chosen and answers why, which is worth more to a user than "no response from
 * servers".
 */
public final class EgressService implements AutoCloseable {
  static final Duration LONGEST_DELAY = Duration.ofMillis(20);
  static final float LAST_RESORT = 0.01f;

  private static final Logger LOG = LoggerFactory.getLogger(EgressService.class);

  private final RpcServer internal;
  private final Desk desk;
  private final boolean lastResortBids;
  private final List<Registration> registrations = new ArrayList<>();

  /** Who carries requests out. */
  public interface Desk {
    /**
     * Reads, admits and starts; the egress's first status, or that of the one that already runs
     * under this id.
     */
    EgressInfo start(StartEgressRequest request);

    List<String> active();

    /**
     * Whether a request could be taken now: the share of the node in use from 0 to 1, or above 1:
     * it can't.
     */
    double load();

    /** Whether this id is being recorded here already. */
    boolean has(String egressId);
  }

  /** {@code internal} serves EgressInternal. */
  public EgressService(RpcServer internal, Desk desk, boolean lastResortBids) {
    this.internal = internal;
    this.desk = desk;
    this.lastResortBids = lastResortBids;
  }

  /** Serves start requests on the cluster's topic and on the node's own. */
  public void start(String clusterId, String nodeId) {
    for (String topic : List.of(clusterId, nodeId)) {
      registrations.add(internal.serve(EgressServices.START_EGRESS, topic, this::start, this::bid));
    }
    registrations.add(
        internal.serve(EgressServices.LIST_ACTIVE_EGRESS, clusterId, this::listActive));
  }

  /**
   * Serves stop requests of one egress on its EgressHandler topic, until the registration is
   * closed.
   */
  public static Registration serveStop(
      RpcServer handler, String egressId, Function<String, EgressInfo> stop) {
    return handler.serve(
        EgressServices.STOP_EGRESS,
        egressId,
        (request, context) ->
            logged(
                context, "StopEgress", request.getEgressId(), request, () -> stop.apply(egressId)));
  }

  private Bid bid(StartEgressRequest request) {
    double load = desk.load();
    if (load <= 1 || desk.has(request.getEgressId())) {
      return new Bid(
          1, Duration.ofNanos((long) (LONGEST_DELAY.toNanos() * Math.clamp(load, 0, 1))));
    }
    return Bid.of(lastResortBids ? LAST_RESORT : -1);
  }

  private EgressInfo start(StartEgressRequest request, Context context) {
    return logged(
        context, "StartEgress", request.getEgressId(), request, () -> desk.start(request));
  }

  private ListActiveEgressResponse listActive(ListActiveEgressRequest request, Context context) {
    return ListActiveEgressResponse.newBuilder().addAllEgressIds(desk.active()).build();
  }

  private static <T extends Message> T logged(
      Context context, String method, String egressId, Message request, Supplier<T> work) {
    String requestId = context.metadata().getOrDefault(TraceKeys.META_REQUEST, context.requestId());
    try (var _ = MDC.putCloseable(TraceKeys.LOG_REQUEST, requestId);
        var _ = MDC.putCloseable(TraceKeys.LOG_EGRESS, egressId)) {
      T answer = work.get();
      LOG.atInfo()
          .addKeyValue("method", method)
          .addKeyValue("bytes", request.getSerializedSize())
          .log("request done");
      return answer;
    } catch (RuntimeException refused) {
      LOG.atInfo()
          .addKeyValue("method", method)
          .addKeyValue("error", refused.getMessage())
          .log("request refused");
      throw refused;
    }
  }

  @Override
  public void close() {
    registrations.forEach(Registration::close);
    registrations.clear();
  }
}
