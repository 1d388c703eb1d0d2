package io.spillway.controller.frontdoor;

import io.spillway.controller.dispatch.IdMaker;
import io.spillway.controller.dispatch.StartFlow;
import io.spillway.controller.dispatch.Trace;
import io.spillway.controller.request.StartRequest;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.core.trace.TraceKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcServer.Context;
import io.spillway.store.ControllerStore;
import io.spillway.store.DuplicateEgressException;
import io.spillway.store.StatusOrder;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts what livekit-server asks for. It makes the ids and asks again with the same one when it
 * hears no answer for ten seconds (livekit/protocol rpc/egress_client.go), perhaps of another
 * controller: then the store has it, and the answer is what became of the first. Thread-safe.
 */
final class DoorStarts {
  /** What the answer takes on its way back. */
  private static final Duration WAY_BACK = Duration.ofMillis(500);

  private static final Duration TOLD_WITHIN = Duration.ofSeconds(2);
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);
  private static final Logger LOG = LoggerFactory.getLogger(DoorStarts.class);

  private final ControllerStore store;
  private final StartFlow starts;
  private final DoorReports reports;
  private final DoorHandlers handlers;
  private final IdMaker ids;
  private final Duration longest;
  private final TimeSource time;

  /** {@code longest} is what a start may take, if livekit-server waits that long. */
  DoorStarts(
      ControllerStore store,
      StartFlow starts,
      DoorReports reports,
      DoorHandlers handlers,
      IdMaker ids,
      Duration longest,
      TimeSource time) {
    this.store = store;
    this.starts = starts;
    this.reports = reports;
    this.handlers = handlers;
    this.ids = ids;
    this.longest = longest;
    this.time = time;
  }

  /**
   * The EgressInfo of the egress with the request's id, started now or before.
   *
   * @throws RpcException why nothing was started
   */
  EgressInfo start(StartEgressRequest request, Context context) throws InterruptedException {
    String id = request.getEgressId();
    if (id.isEmpty() || ClaimProbe.isProbe(request)) {
      throw new RpcException(
          RpcCode.INVALID_ARGUMENT, "request has missing or invalid field: egress_id");
    }
    Deadline callerGone = Deadline.in(time, context.remaining());
    Deadline deadline = Deadline.in(time, shorter(context.remaining().minus(WAY_BACK), longest));
    if (deadline.hasPassed()) {
      throw new RpcException(RpcCode.DEADLINE_EXCEEDED, "no time is left to start egress " + id);
    }
    Trace trace = Trace.begin(ids.request());
    try {
      trace.region(context.metadata().getOrDefault(TraceKeys.META_REGION, ""));
      EgressInfo info = startOnce(id, request, trace, deadline);
      handlers.serve(id);
      Duration half = Duration.ofNanos(Math.max(0, callerGone.remainingNanos() / 2));
      reports.awaitStartTold(id, Deadline.in(time, shorter(half, TOLD_WITHIN)));
      return info;
    } catch (StoreException away) {
      throw new RpcException(
          RpcCode.UNAVAILABLE,
          "could not look for egress %s in the store, this request started nothing: %s"
              .formatted(id, away.getMessage()),
          away);
    } finally {
      trace.end();
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private EgressInfo startOnce(
      String id, StartEgressRequest request, Trace trace, Deadline deadline)
      throws InterruptedException {
    StartRequest wish = wish(request);
    do {
      Optional<StoredEgress> stored = store.find(id);
      if (stored.isPresent() && isDecided(stored.get())) {
        return repeated(stored.get(), trace);
      }
      if (stored.isEmpty()) { // never heard of, or it found no room and nothing was kept of it
        try {
          return starts.start(id, wish, trace, deadline);
        } catch (DuplicateEgressException meanwhile) {
          LOG.atDebug().log("another start of the same id was faster");
        }
      }
      time.pause(LOOK_EVERY);
    } while (!deadline.hasPassed());
    throw new RpcException(
        RpcCode.UNAVAILABLE, "the first start of egress " + id + " is still under way");
  }

  private static StartRequest wish(StartEgressRequest request) {
    return switch (request.getRequestCase()) {
      case TRACK -> new StartRequest.Track(request.getTrack());
      case EGRESS -> StartRequest.ofV2(request.getEgress());
      case ROOM_COMPOSITE -> throw StartRequest.absent("RoomComposite egress");
      case TRACK_COMPOSITE -> throw StartRequest.absent("TrackComposite egress");
      case PARTICIPANT -> throw StartRequest.absent("Participant egress");
      case WEB -> throw StartRequest.absent("Web egress");
      case REPLAY -> throw StartRequest.absent("Replay egress");
      case REQUEST_NOT_SET ->
          throw new RpcException(
              RpcCode.INVALID_ARGUMENT, "request has missing or invalid field: request");
    };
  }

  private static boolean isDecided(StoredEgress egress) {
    return egress.sequence() > 0 || StatusOrder.isFinal(egress.info().getStatus());
  }

  private static EgressInfo repeated(StoredEgress egress, Trace trace) {
    EgressInfo info = egress.info();
    trace.egress(info.getEgressId(), egress.epoch());
    trace.node(egress.node());
    boolean failed = info.getStatus() == EgressStatus.EGRESS_FAILED && egress.node().isEmpty();
    LOG.atInfo().addKeyValue("failed", failed).log("start repeated, answered as the first");
    if (failed) {
      throw new RpcException(RpcCode.ofHttpStatus(info.getErrorCode()), info.getError());
    }
    return info;
  }
}
