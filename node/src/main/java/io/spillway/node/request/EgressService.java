package io.spillway.node.request;

import com.google.protobuf.Message;
import io.spillway.core.trace.TraceKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.UpdateStreamRequest;
import io.spillway.protocol.rpc.ListActiveEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressResponse;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.RpcServer.Bid;
import io.spillway.rpc.RpcServer.Context;
import io.spillway.rpc.RpcServer.Registration;
import io.spillway.rpc.fleet.FleetMethods;
import io.spillway.rpc.pending.RecentIds;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's side of EgressInternal and EgressHandler (livekit/protocol rpc/egress.proto).
 * Thread-safe.
 *
 * <p>On the cluster's topic nodes compete with bids ({@link Bidding}). On the node's own topic its
 * caller has chosen already, and hears at once.
 */
public final class EgressService implements AutoCloseable {
  /** Requests remembered, so that a repeated one is known: minutes at any rate seen. */
  private static final int HEARD = 4096;

  private static final Logger LOG = LoggerFactory.getLogger(EgressService.class);

  private final RpcServer internal;
  private final String nodeId;
  private final Desk desk;
  private final float refusalAffinity;
  private final RecentIds<Boolean> heard = new RecentIds<>(HEARD);
  private final List<Registration> registrations = new ArrayList<>();

  /** Who carries requests out. */
  public interface Desk {
    /**
     * Reads, admits and starts; the egress's first status, or that of the one that already runs
     * under this id.
     *
     * @param requestId what the caller's request is known by in logs
     * @param goesOn whether another node recorded a part of it before
     */
    EgressInfo start(StartEgressRequest request, String requestId, boolean goesOn);

    List<String> active();

    /** Share of the node in use, 0 to 1. */
    double load();

    /** Whether the node would refuse this request now. Quick: called on the bus's reader. */
    boolean refuses(StartEgressRequest request);

    /** Whether messages are known to get through both ways. */
    boolean isProven();

    /** Whether this id is being recorded here already. */
    boolean has(String egressId);
  }

  /** Who answers canaries: requests that ask whether this node is well and start nothing. */
  @FunctionalInterface
  public interface Canaries {
    /** The answer to a canary; throws when the node is not well. */
    EgressInfo answer(StartEgressRequest canary);
  }

  /**
   * Serves nothing before {@link #start}.
   *
   * @param internal serves EgressInternal
   * @param nodeId topic of the node's own, and its name in log lines
   * @param refusalAffinity what to bid for a request that the desk would refuse; below 0: nothing
   */
  public EgressService(RpcServer internal, String nodeId, Desk desk, float refusalAffinity) {
    this.internal = internal;
    this.nodeId = nodeId;
    this.desk = desk;
    this.refusalAffinity = refusalAffinity;
  }

  /**
   * Serves start requests on the node's own topic; canaries are answered there only. To whom the
   * controllers send all work that is enough.
   */
  public void start(Canaries canaries) {
    registrations.add(
        internal.serve(
            EgressServices.START_EGRESS,
            nodeId,
            (request, context) ->
                context.metadata().containsKey(FleetMethods.CANARY_METADATA)
                    ? canaries.answer(request)
                    : start(request, context)));
  }

  /**
   * Competes for start requests on the cluster's topic too, and serves the list of active egresses
   * there and on the empty one, where livekit/egress has it.
   */
  public void startBidding(String clusterId) {
    registrations.add(
        internal.serve(EgressServices.START_EGRESS, clusterId, this::start, this::bid));
    for (String topic : new TreeSet<>(List.of("", clusterId))) {
      registrations.add(internal.serve(EgressServices.LIST_ACTIVE_EGRESS, topic, this::listActive));
    }
  }

  /** Who carries out what is asked of one egress. */
  public interface Handler {
    /** What log lines about this egress say of it. */
    EgressTrace trace(String egressId, String requestId);

    EgressInfo stop(String egressId);

    EgressInfo updateStream(UpdateStreamRequest request);
  }

  /**
   * Serves the requests to one egress on its EgressHandler topic, until the registration is closed.
   */
  public static Registration serveHandler(RpcServer rpc, String egressId, Handler handler) {
    return Registration.both(
        rpc.serve(
            EgressServices.STOP_EGRESS,
            egressId,
            (request, context) ->
                logged(
                    handler.trace(egressId, requestId(context)),
                    "StopEgress",
                    request,
                    () -> handler.stop(egressId))),
        () ->
            rpc.serve(
                EgressServices.UPDATE_STREAM,
                egressId,
                (request, context) ->
                    logged(
                        handler.trace(egressId, requestId(context)),
                        "UpdateStream",
                        request,
                        () -> handler.updateStream(request))));
  }

  private Bid bid(StartEgressRequest request) {
    boolean isNew = heard.add(request.getEgressId() + "/" + request.getRetryCount(), true);
    return Bidding.on(
        new Bidding.Facts(
            desk.isProven(),
            desk.has(request.getEgressId()),
            !isNew,
            desk.refuses(request),
            desk.load(),
            refusalAffinity));
  }

  private EgressInfo start(StartEgressRequest request, Context context) {
    EgressTrace trace =
        new EgressTrace(
            requestId(context),
            request.getEgressId(),
            request.getRetryCount() + 1,
            nodeId,
            request.getRoomId());
    boolean goesOn = context.metadata().containsKey(TraceKeys.META_GOES_ON);
    return logged(
        trace, "StartEgress", request, () -> desk.start(request, trace.requestId(), goesOn));
  }

  private ListActiveEgressResponse listActive(ListActiveEgressRequest request, Context context) {
    return ListActiveEgressResponse.newBuilder().addAllEgressIds(desk.active()).build();
  }

  /** The caller's own id where it sent one, else that of its psrpc request. */
  private static String requestId(Context context) {
    return context.metadata().getOrDefault(TraceKeys.META_REQUEST, context.requestId());
  }

  private static <T extends Message> T logged(
      EgressTrace trace, String method, Message request, Supplier<T> work) {
    try (var _ = trace.mark()) {
      return answered(method, request, work);
    }
  }

  private static <T extends Message> T answered(String method, Message request, Supplier<T> work) {
    try {
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
