package io.spillway.controller.dispatch;

import io.spillway.controller.request.StartRequest;
import io.spillway.core.egress.EndReason;
import io.spillway.core.media.Codec;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.store.Applied;
import io.spillway.store.DuplicateEgressException;
import io.spillway.store.EgressStore;
import io.spillway.store.NewEgress;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Starts an egress: it is stored while the room is looked up, then given to a node. Whatever goes
 * wrong after it may have been stored leaves it FAILED with the reason, never STARTING.
 * Thread-safe; blocks its caller for the start time-out at most.
 */
public final class StartFlow {
  /** A first start; LiveKit's retry_count + 1. */
  private static final int FIRST_EPOCH = 1;

  /** For what a track carries; the node sees it anyway, later. */
  private static final Duration CODEC_WAIT = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(StartFlow.class);

  private final EgressStore store;
  private final RoomDirectory rooms;
  private final Dispatcher dispatcher;
  private final RequestSealer sealer;
  private final DispatchSettings settings;
  private final TimeSource time;
  private final String controllerId;
  private final Placements placements;

  /**
   * Wires the steps together.
   *
   * @param controllerId whose dispatches these are: another controller takes over what this one
   *     leaves behind
   * @param placements tells it that it has not left these behind
   */
  public StartFlow(
      EgressStore store,
      RoomDirectory rooms,
      Dispatcher dispatcher,
      RequestSealer sealer,
      DispatchSettings settings,
      TimeSource time,
      String controllerId,
      Placements placements) {
    this.store = store;
    this.rooms = rooms;
    this.dispatcher = dispatcher;
    this.sealer = sealer;
    this.settings = settings;
    this.time = time;
    this.controllerId = controllerId;
    this.placements = placements;
  }

  /**
   * The EgressInfo of the started egress, as LiveKit answers it.
   *
   * @param id that the egress is to have, made for this start
   * @throws RpcException why it was not started
   */
  public EgressInfo start(String id, StartRequest wish, Trace trace) throws InterruptedException {
    return start(id, wish, trace, Deadline.in(time, settings.startTimeout()), false);
  }

  /**
   * The same for an id that somebody else made, may have sent before, and sends again after {@code
   * resource_exhausted}: of a start that found no room nothing is kept, so that it may find some.
   *
   * @throws DuplicateEgressException when an egress of this id is stored or being stored by another
   *     start; that one is left alone
   */
  public EgressInfo start(String id, StartRequest wish, Trace trace, Deadline deadline)
      throws InterruptedException {
    return start(id, wish, trace, deadline, true);
  }

  private EgressInfo start(
      String id, StartRequest wish, Trace trace, Deadline deadline, boolean comesAgain)
      throws InterruptedException {
    if (!placements.begin(id)) {
      throw new DuplicateEgressException(id);
    }
    try {
      return place(id, wish, trace, deadline, comesAgain);
    } finally {
      placements.end(id);
    }
  }

  private EgressInfo place(
      String id, StartRequest wish, Trace trace, Deadline deadline, boolean comesAgain)
      throws InterruptedException {
    trace.egress(id, FIRST_EPOCH);
    StartEgressRequest.Builder message =
        StartEgressRequest.newBuilder()
            .setEgressId(id)
            .setRoomName(wish.roomName())
            .setWsUrl(settings.joinUrl())
            .setRetryCount(FIRST_EPOCH - 1);
    wish.putInto(message);
    EgressInfo starting = starting(id, wish);

    FutureTask<Boolean> stored = storeBeside(trace, starting, message.build());
    FutureTask<Optional<Codec>> carried = codecBeside(wish);
    try {
      String sid = sidOf(wish.roomName(), deadline);
      trace.roomSid(sid);
      starting = starting.toBuilder().setRoomId(sid).build(); // also for the record of a failure
      refuseWhatIsNotCopied(carried, deadline);
      awaitStored(stored, id, deadline);
      EgressInfo answer = dispatcher.dispatch(message.setRoomId(sid).build(), trace, deadline);
      LOG.atInfo().addKeyValue("what", wish.summary()).log("egress dispatched");
      return asAnswered(answer, starting, sid);
    } catch (RpcException failure) {
      boolean full = failure.code() == RpcCode.RESOURCE_EXHAUSTED;
      if (!comesAgain || !full || !isForgotten(stored, id, trace)) {
        keepAsFailed(stored, starting, trace, failure);
      }
      throw failure;
    } catch (DuplicateEgressException another) {
      throw another; // its row is the other start's
    } catch (RuntimeException defect) {
      RpcException failure =
          new RpcException(RpcCode.INTERNAL, "internal error during the start of " + id, defect);
      LOG.atError().setCause(defect).log("defect during a start");
      keepAsFailed(stored, starting, trace, failure);
      throw failure;
    } catch (InterruptedException stopped) {
      keepAsFailed(
          stored,
          starting,
          trace,
          new RpcException(RpcCode.UNAVAILABLE, "the controller stopped during the start"));
      throw stopped;
    }
  }

  private EgressInfo starting(String id, StartRequest wish) {
    long now = time.unixNanos();
    EgressInfo.Builder info =
        EgressInfo.newBuilder()
            .setEgressId(id)
            .setRoomName(wish.roomName())
            .setStatus(EgressStatus.EGRESS_STARTING)
            .setStartedAt(now)
            .setUpdatedAt(now);
    wish.putRedactedInto(info);
    return info.build();
  }

  private String sidOf(String room, Deadline deadline) throws InterruptedException {
    Optional<String> sid = rooms.sidOf(room, deadline);
    return sid.orElseThrow(
        () -> new RpcException(RpcCode.NOT_FOUND, "requested room does not exist"));
  }

  private FutureTask<Optional<Codec>> codecBeside(StartRequest wish) {
    FutureTask<Optional<Codec>> carried =
        new FutureTask<>(
            () -> rooms.codecOf(wish.roomName(), wish.trackId(), Deadline.in(time, CODEC_WAIT)));
    Thread.ofVirtual().name("codec-look-up").start(carried);
    return carried;
  }

  /** A codec that nobody told in time, or of a track not published yet, is the node's to judge. */
  private static void refuseWhatIsNotCopied(FutureTask<Optional<Codec>> carried, Deadline deadline)
      throws InterruptedException {
    try {
      Optional<Codec> codec =
          carried.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
      if (codec.isPresent() && !codec.get().isCopied()) {
        throw new RpcException(
            RpcCode.UNIMPLEMENTED,
            "recording "
                + codec.get().mimeType()
                + " needs a codec: it is not implemented by this version of Spillway");
      }
    } catch (ExecutionException | TimeoutException unknown) {
      LOG.atDebug().setCause(unknown).log("what the track carries is not known yet");
    }
  }

  /** Begins to store the egress; the task's value doesn't matter, its end does. */
  private FutureTask<Boolean> storeBeside(
      Trace trace, EgressInfo starting, StartEgressRequest request) {
    var context = trace.logContext();
    String region = trace.region();
    FutureTask<Boolean> stored =
        new FutureTask<>(() -> {
          MDC.setContextMap(context);
          store.create(
              new NewEgress(
                  starting,
                  sealer.seal(starting.getEgressId(), request.toByteString()),
                  controllerId,
                  region));
          return true;
        });
    Thread.ofVirtual().name("egress-create").start(stored);
    return stored;
  }

  private static void awaitStored(FutureTask<Boolean> stored, String id, Deadline deadline)
      throws InterruptedException {
    try {
      var _ = stored.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof DuplicateEgressException) {
        throw new DuplicateEgressException(id);
      }
      throw notStored(id, String.valueOf(failed.getCause()), failed);
    } catch (TimeoutException late) {
      throw notStored(id, "the store did not answer in time", late);
    }
  }

  private static RpcException notStored(String id, String why, Throwable cause) {
    return new RpcException(
        RpcCode.UNAVAILABLE,
        "could not store egress " + id + " before its start: nothing was started (" + why + ")",
        cause);
  }

  /** The node's words, but our own request (redacted by us) and the ids that we know better. */
  private static EgressInfo asAnswered(EgressInfo answer, EgressInfo starting, String sid) {
    EgressInfo.Builder info =
        answer.toBuilder()
            .setEgressId(starting.getEgressId())
            .setRoomName(starting.getRoomName())
            .setRoomId(sid);
    switch (starting.getRequestCase()) {
      case TRACK -> info.setTrack(starting.getTrack());
      case EGRESS -> info.setEgress(starting.getEgress());
      case ROOM_COMPOSITE, TRACK_COMPOSITE, WEB, PARTICIPANT, REPLAY, REQUEST_NOT_SET -> {}
    }
    return info.build();
  }

  /** Whether nothing is left of a start that no node had. */
  private boolean isForgotten(FutureTask<Boolean> stored, String id, Trace trace)
      throws InterruptedException {
    try {
      awaitStored(stored, id, Deadline.in(time, settings.stopTimeout()));
      boolean forgotten = store.discardUntaken(id, trace.epoch());
      LOG.atInfo().addKeyValue("forgotten", forgotten).log("no room for the egress at present");
      return forgotten;
    } catch (RpcException | StoreException away) {
      LOG.atWarn().setCause(away).log("a start that found no room is kept as failed");
      return false;
    }
  }

  private void keepAsFailed(
      FutureTask<Boolean> stored, EgressInfo starting, Trace trace, RpcException failure) {
    String text = String.valueOf(failure.getMessage());
    LOG.atWarn()
        .addKeyValue("code", failure.code().wire())
        .addKeyValue("reason", text)
        .log("egress not started");
    boolean interrupted = Thread.interrupted(); // the record must be closed all the same
    try {
      Deadline patience = Deadline.in(time, settings.stopTimeout());
      awaitStored(stored, starting.getEgressId(), patience);
    } catch (RpcException | InterruptedException uncertain) {
      LOG.atWarn().setCause(uncertain).log("egress may not be stored");
    }
    StatusUpdate end = asFailed(starting, trace.epoch(), failure.code(), text);
    try {
      Applied applied = store.apply(end);
      if (applied != Applied.ACCEPTED && applied != Applied.UNKNOWN_EGRESS) {
        LOG.atWarn().addKeyValue("applied", applied).log("failed start not stored");
      }
    } catch (StoreException unreachable) {
      LOG.atError().setCause(unreachable).log("failed start not stored yet, it may look STARTING");
      placements.owed().add(end);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * The largest sequence: an end of ours is later than whatever a node reported meanwhile; under
   * the epoch that was tried last, so that none of the nodes that were asked brings it back.
   */
  private StatusUpdate asFailed(EgressInfo starting, int epoch, RpcCode code, String text) {
    long now = time.unixNanos();
    EgressInfo failed =
        starting.toBuilder()
            .setStatus(EgressStatus.EGRESS_FAILED)
            .setRetryCount(epoch - 1)
            .setEndedAt(now)
            .setUpdatedAt(now)
            .setError(text)
            .setErrorCode(code.httpStatus())
            .setDetails(EndReason.FAILURE.details())
            .build();
    return new StatusUpdate(failed, epoch, Long.MAX_VALUE, "", "start failed: " + text);
  }
}
