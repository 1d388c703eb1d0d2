package io.spillway.controller.frontdoor;

import io.spillway.controller.dispatch.IdMaker;
import io.spillway.controller.dispatch.StopFlow;
import io.spillway.controller.dispatch.Trace;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.UpdateStreamRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.RpcServer.Context;
import io.spillway.rpc.RpcServer.Registration;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes livekit-server's requests to egresses that run, each on the egress's own topic. Every
 * controller serves every egress, wherever it was started: psrpc's queue gives each request to one
 * of them. Thread-safe.
 */
final class DoorHandlers {
  private static final Logger LOG = LoggerFactory.getLogger(DoorHandlers.class);

  private final RpcServer server;
  private final StopFlow stops;
  private final IdMaker ids;
  private final Set<String> begun = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<String, Registration> served = new ConcurrentHashMap<>();

  /** Serves on {@code server}, one of EgressHandler, which stays the caller's. */
  DoorHandlers(RpcServer server, StopFlow stops, IdMaker ids) {
    this.server = server;
    this.stops = stops;
    this.ids = ids;
  }

  /** Takes requests to this egress; returns when they reach us, or soon. */
  void serve(String egressId) {
    if (!begun.add(egressId)) {
      return;
    }
    try {
      served.put(egressId, register(egressId));
    } catch (RpcException | IllegalStateException refused) {
      begun.remove(egressId);
      LOG.atWarn()
          .addKeyValue("egress", egressId)
          .setCause(refused)
          .log("requests to an egress can't be heard yet, tried again in a second");
    }
  }

  /**
   * Takes requests to these.
   *
   * @param before who was served before these were read: no longer, unless they are among them
   */
  void serveAll(List<StoredEgress> unfinished, Set<String> before) {
    Set<String> wanted = new HashSet<>();
    unfinished.forEach(egress -> wanted.add(egress.info().getEgressId()));
    wanted.forEach(this::serve);
    for (String egressId : before) {
      Registration ended = wanted.contains(egressId) ? null : served.remove(egressId);
      if (ended != null) {
        ended.close();
        begun.remove(egressId);
      }
    }
  }

  /** The ids of those that are served. */
  Set<String> egresses() {
    return Set.copyOf(served.keySet());
  }

  private Registration register(String egressId) {
    return Registration.both(
        server.serve(EgressServices.STOP_EGRESS, egressId, (request, context) -> stop(egressId)),
        () -> server.serve(EgressServices.UPDATE_STREAM, egressId, DoorHandlers::updateStream));
  }

  private EgressInfo stop(String egressId) {
    Trace trace = Trace.begin(ids.request());
    try {
      return stops.stop(egressId, trace);
    } catch (StoreException away) {
      throw new RpcException(
          RpcCode.UNAVAILABLE,
          "could not look for egress %s, it goes on: %s".formatted(egressId, away.getMessage()),
          away);
    } finally {
      trace.end();
    }
  }

  private static EgressInfo updateStream(UpdateStreamRequest request, Context context) {
    throw new RpcException(
        RpcCode.INVALID_ARGUMENT,
        "UpdateStream called on non-streaming egress " + request.getEgressId());
  }
}
