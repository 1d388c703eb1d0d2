package io.spillway.node;

import io.spillway.core.egress.Failure;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.node.admission.Gate;
import io.spillway.node.admission.Kind;
import io.spillway.node.admission.OutputRoom;
import io.spillway.node.recorder.DiskThreads;
import io.spillway.node.recorder.EgressFailedException;
import io.spillway.node.recorder.Progress;
import io.spillway.node.recorder.RecorderFactory;
import io.spillway.node.recorder.TrackRecorder;
import io.spillway.node.report.StatusReporter;
import io.spillway.node.request.Bidding;
import io.spillway.node.request.EgressService;
import io.spillway.node.request.EgressTrace;
import io.spillway.node.request.PlanReader;
import io.spillway.node.request.TrackPlan;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.UpdateStreamRequest;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcServer.Registration;
import io.spillway.storage.OutputRefusedException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recordings of a node: takes starts in, finds them by id, sees them to their end. Thread-safe;
 * the lock is held for table look-ups only.
 *
 * <p>Long because whatever may happen to the one table under the one lock stands in one file.
 */
final class Recordings implements EgressService.Desk, EgressService.Handler, TrackRecorder.Reports {
  /** How long StopEgress may wait for the recorder to show ENDING. */
  static final Duration STOP_SHOWS_WITHIN = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(Recordings.class);

  private final String nodeId;
  private final PlanReader plans;
  private final Gate gate;
  private final OutputRoom room;
  private final RecorderFactory recorders;
  private final Subscriber subscriber;
  private final StatusReporter reporter;
  private final Wiring wiring;
  private final DiskThreads disk;
  private final TimeSource time;
  private final StartWaits waits;
  private final StartTimes startTimes = new StartTimes();
  private final Map<String, Running> running = new HashMap<>();
  private final EndedRecordings ended = new EndedRecordings();
  private final AtomicLong restarts = new AtomicLong();
  private boolean draining;
  private boolean shuttingDown;

  /**
   * How recordings meet the node's RPC.
   *
   * @param handlers serves the requests to one egress; may wait for the bus
   * @param proven whether messages get through both ways
   * @param createdWithin see {@link RpcConduct#createdWithin}
   * @param joinsOnceTaken see {@link RpcConduct#joinsOnceTaken}
   * @param epochs asked before each join but the first
   */
  record Wiring(
      BiFunction<String, EgressService.Handler, Registration> handlers,
      BooleanSupplier proven,
      Duration createdWithin,
      boolean joinsOnceTaken,
      EpochCheck epochs) {}

  /** What may stand against a start: the machine, and the disks that recordings go to. */
  record Doors(Gate gate, OutputRoom room) {}

  private static final class Running {
    final TrackRecorder recorder;
    final EgressTrace trace;
    final long sinceNanos;
    volatile Optional<Registration> handler = Optional.empty();
    volatile boolean active;

    /** It came to nothing and is being taken back: not what a repeated start may be told. */
    volatile boolean failed;

    Running(TrackRecorder recorder, EgressTrace trace, long sinceNanos) {
      this.recorder = recorder;
      this.trace = trace;
      this.sinceNanos = sinceNanos;
    }
  }

  Recordings(
      NodeSettings settings,
      Doors doors,
      RecorderFactory recorders,
      Subscriber subscriber,
      StatusReporter reporter,
      Wiring wiring,
      DiskThreads disk,
      TimeSource time) {
    this.nodeId = settings.nodeId();
    this.plans = new PlanReader(settings.serverUrl());
    this.gate = doors.gate();
    this.room = doors.room();
    this.recorders = recorders;
    this.subscriber = subscriber;
    this.reporter = reporter;
    this.wiring = wiring;
    this.disk = disk;
    this.time = time;
    this.waits = new StartWaits(wiring.createdWithin(), disk, time);
  }

  @Override
  public EgressInfo start(StartEgressRequest request, String requestId, boolean goesOn) {
    Optional<EgressInfo> known = known(request.getEgressId());
    boolean newer = known.isPresent() && request.getRetryCount() > known.get().getRetryCount();
    if (known.isPresent() && !newer) {
      return known.get(); // a repeated request: one recording, one answer
    }
    TrackPlan plan = plans.read(request, time.unixNanos());
    requireOutput(plan);
    TrackPlan whole = goesOn ? plan.afterAnother() : plan;
    return start(whole, EgressTrace.of(plan, requestId, nodeId));
  }

  /** Goes on with what an earlier process of this node began, as the plan's epoch. */
  EgressInfo goOn(TrackPlan plan) {
    EgressTrace trace = EgressTrace.of(plan, "", nodeId);
    try (var _ = trace.mark()) {
      return start(plan, trace);
    }
  }

  private EgressInfo start(TrackPlan plan, EgressTrace trace) {
    Running here = new Running(recorders.recorder(plan, this), trace, time.nanos());
    synchronized (running) {
      if (shuttingDown) {
        throw new RpcException(RpcCode.UNAVAILABLE, "server is shutting down");
      }
      if (draining && !plan.continues()) { // what an earlier process began goes on to its end
        throw new RpcException(
            RpcCode.FAILED_PRECONDITION, "this egress node is draining: it takes no new egress");
      }
      Running twin = running.get(plan.egressId());
      if (twin != null) {
        return twinOf(plan, twin);
      }
      admit(plan);
      running.put(plan.egressId(), here);
    }
    try {
      waits.forSpool(here.recorder, here.trace);
      // may wait for the bus: not under the lock
      here.handler = Optional.of(wiring.handlers().apply(plan.egressId(), this));
    } catch (EgressFailedException refused) {
      forget(here);
      boolean full = refused.failure().code() == 429;
      throw new RpcException(
          full ? RpcCode.RESOURCE_EXHAUSTED : RpcCode.INTERNAL, refused.failure().text());
    } catch (RuntimeException busAway) { // or its topic is not free again yet, or the disk hangs
      forget(here);
      throw busAway;
    }
    took(StartTimes.Stage.ACCEPTED, here);
    Optional<StatusReporter.Delivery> created =
        plan.continues() ? Optional.empty() : Optional.of(reporter.created(plan.info(), trace));
    // What goes on has no first report that would be refused: it asks before its first join too.
    AtomicBoolean joinedBefore = new AtomicBoolean(plan.continues());
    Runnable beforeJoin =
        () -> {
          created.filter(_ -> wiring.joinsOnceTaken()).ifPresent(waits::forKeeper);
          if (joinedBefore.get()) {
            requireNewest(plan);
          }
        };
    here.recorder.start(
        events -> subscriber.subscribe(plan, trace, joinedBefore, events, beforeJoin),
        new DiskThreads(trace.on(disk.quick()), trace.on(disk.longWork())));
    created.ifPresent(waits::beforeAnswer);
    took(StartTimes.Stage.ANSWERED, here);
    return plan.info();
  }

  private void requireNewest(TrackPlan plan) {
    try {
      wiring.epochs().requireNewest(plan.egressId(), plan.epoch());
    } catch (RpcException lost) {
      refused(plan.egressId(), lost);
      throw lost;
    }
  }

  /** The recording that is here already; one of an older epoch is ended, and the caller told so. */
  private static EgressInfo twinOf(TrackPlan plan, Running twin) {
    if (twin.failed) {
      throw new RpcException(
          RpcCode.UNAVAILABLE,
          "an earlier start of " + plan.egressId() + " came to nothing on this node: ask again");
    }
    EgressInfo info = twin.recorder.info();
    if (info.getRetryCount() + 1 >= plan.epoch()) {
      return info;
    }
    twin.recorder.fail(Failure.notWanted("it was started again under a newer epoch"));
    throw new RpcException(
        RpcCode.UNAVAILABLE,
        "an earlier start of " + plan.egressId() + " is being ended on this node: ask again");
  }

  private void took(StartTimes.Stage stage, Running since) {
    startTimes.took(stage, Duration.ofNanos(time.nanos() - since.sinceNanos));
  }

  /** A start that came to nothing leaves nothing behind: neither here nor in the spool. */
  private void forget(Running here) {
    here.failed = true;
    String egressId = here.trace.egressId();
    waits.toTakeBack(here.recorder, here.trace);
    gate.release(egressId);
    synchronized (running) {
      running.remove(egressId);
      running.notifyAll();
    }
  }

  private void admit(TrackPlan plan) {
    if (plan.continues()) {
      gate.readmit(plan.egressId(), Kind.ofTrack(plan.trackId()));
      return;
    }
    gate.admit(plan.egressId(), Kind.ofTrack(plan.trackId()))
        .ifPresent(reason -> {
          throw new RpcException(RpcCode.RESOURCE_EXHAUSTED, reason);
        });
  }

  private void requireOutput(TrackPlan plan) {
    try {
      recorders.requireOutput(plan);
    } catch (OutputRefusedException refused) {
      RpcCode code =
          refused.reason() == OutputRefusedException.Reason.NO_SPACE
              ? RpcCode.RESOURCE_EXHAUSTED
              : RpcCode.INVALID_ARGUMENT;
      throw new RpcException(code, String.valueOf(refused.getMessage()));
    }
  }

  private Optional<EgressInfo> known(String egressId) {
    synchronized (running) {
      Running here = running.get(egressId);
      return here != null && !here.failed
          ? Optional.of(here.recorder.info())
          : ended.find(egressId);
    }
  }

  /** Under the epoch and in the room that its newest status says. */
  @Override
  public EgressTrace trace(String egressId, String requestId) {
    return known(egressId)
        .map(info -> EgressTrace.of(info, requestId, nodeId))
        .orElse(new EgressTrace(requestId, egressId, 1, nodeId, ""));
  }

  /** Ends a recording on request. */
  @Override
  public EgressInfo stop(String egressId) {
    Optional<TrackRecorder> recorder = recorder(egressId);
    if (recorder.isEmpty()) {
      EgressInfo last =
          known(egressId)
              .orElseThrow(() -> new RpcException(RpcCode.NOT_FOUND, "egress not found"));
      throw cannotStop(last.getStatus());
    }
    EgressStatus status = recorder.get().info().getStatus();
    if (status != EgressStatus.EGRESS_STARTING && status != EgressStatus.EGRESS_ACTIVE) {
      throw cannotStop(status);
    }
    try {
      return recorder.get().stop(Deadline.in(time, STOP_SHOWS_WITHIN));
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new RpcException(RpcCode.UNAVAILABLE, "server is shutting down", stopping);
    }
  }

  @Override
  public EgressInfo updateStream(UpdateStreamRequest request) {
    throw new RpcException(
        RpcCode.INVALID_ARGUMENT,
        "UpdateStream called on non-streaming egress " + request.getEgressId());
  }

  private static RpcException cannotStop(EgressStatus status) {
    return new RpcException(
        RpcCode.FAILED_PRECONDITION, "egress with status " + status + " cannot be stopped");
  }

  /** A status keeper doesn't want this egress: another recorder has it. */
  void refused(String egressId, RpcException why) {
    recorder(egressId)
        .ifPresent(recorder -> recorder.fail(Failure.notWanted(String.valueOf(why.getMessage()))));
  }

  /** A controller says that another node has this egress since {@code newestEpoch}. */
  void fenced(String egressId, int newestEpoch, String why) {
    recorder(egressId)
        .filter(recorder -> recorder.info().getRetryCount() + 1 < newestEpoch)
        .ifPresent(recorder -> recorder.fail(Failure.notWanted(why)));
  }

  private Optional<TrackRecorder> recorder(String egressId) {
    synchronized (running) {
      return Optional.ofNullable(running.get(egressId)).map(here -> here.recorder);
    }
  }

  @Override
  public List<String> active() {
    synchronized (running) {
      return List.copyOf(running.keySet());
    }
  }

  /** Every recording's progress by egress id. */
  Map<String, Progress> progress() {
    Map<String, Progress> all = new HashMap<>();
    synchronized (running) {
      running.forEach((id, here) -> all.put(id, here.recorder.progress()));
    }
    return all;
  }

  /** Frames lost since the start because a disk was slower than its track. */
  long droppedFrames() {
    synchronized (running) {
      return running.values().stream()
          .mapToLong(here -> here.recorder.droppedFrames())
          .reduce(ended.droppedFrames(), Long::sum);
    }
  }

  /** How often a recording stood still and subscribed anew. */
  long restarts() {
    return restarts.get();
  }

  @Override
  public void restarted(String egressId) {
    restarts.incrementAndGet();
  }

  /** Each recording's newest status. */
  List<EgressInfo> statuses() {
    synchronized (running) {
      return running.values().stream().map(here -> here.recorder.info()).toList();
    }
  }

  /** How many egresses ended with each status since the start. */
  Map<EgressStatus, Long> outcomes() {
    return ended.outcomes();
  }

  /** For recordings that begin from now on. */
  void limits(Duration maxDuration, long maxBytes) {
    recorders.limits(maxDuration, maxBytes);
  }

  StartTimes startTimes() {
    return startTimes;
  }

  boolean isDraining() {
    synchronized (running) {
      return draining;
    }
  }

  @Override
  public double load() {
    var load = gate.load();
    return Bidding.load(
        gate.machineLoad() + load.reservedCores() / Math.max(load.cores(), 1), load.recordings());
  }

  @Override
  public boolean isProven() {
    return wiring.proven().getAsBoolean();
  }

  @Override
  public boolean refuses(StartEgressRequest request) {
    if (isDraining()) {
      return true;
    }
    try {
      TrackPlan plan = plans.read(request, 0);
      return gate.refusal(Kind.ofTrack(plan.trackId())).isPresent()
          || room.refusal(plan.filepath()).isPresent();
    } catch (RpcException refused) {
      // what is wrong otherwise every node would say: the one that gets it may
      return refused.code() == RpcCode.UNIMPLEMENTED || gate.refusal(Kind.VIDEO).isPresent();
    }
  }

  @Override
  public boolean has(String egressId) {
    return known(egressId).isPresent();
  }

  @Override
  public void changed(EgressInfo info) {
    if (info.getStatus() == EgressStatus.EGRESS_ACTIVE) {
      noteActive(info.getEgressId());
    }
    reporter.updated(info, traceOf(info));
  }

  private EgressTrace traceOf(EgressInfo info) {
    Optional<Running> here;
    synchronized (running) {
      here = Optional.ofNullable(running.get(info.getEgressId()));
    }
    return EgressTrace.of(info, here.map(it -> it.trace.requestId()).orElse(""), nodeId);
  }

  private void noteActive(String egressId) {
    Running here;
    synchronized (running) {
      here = running.get(egressId);
    }
    if (here != null && !here.active) {
      here.active = true;
      took(StartTimes.Stage.ACTIVE, here);
    }
  }

  @Override
  public void last(EgressInfo info, Runnable safe) {
    ended.count(info.getStatus());
    reporter.ended(info, traceOf(info), safe);
  }

  @Override
  public void ended(String egressId) {
    gate.release(egressId);
    Running gone;
    synchronized (running) {
      gone = running.get(egressId);
    }
    if (gone != null) {
      gone.handler.ifPresent(Registration::close); // first: the id's next start serves it anew
    }
    synchronized (running) {
      if (gone != null && running.remove(egressId, gone)) {
        ended.add(gone.recorder.info(), gone.recorder.droppedFrames());
      }
      running.notifyAll();
    }
  }

  /** Takes no more starts; those under way go on. */
  void drain() {
    synchronized (running) {
      if (draining) {
        return;
      }
      draining = true;
    }
    LOG.atInfo().addKeyValue("recordings", active().size()).log("draining: no new egress is taken");
  }

  /** Ends every recording with its file whole. */
  void shutDown() {
    drain();
    synchronized (running) {
      shuttingDown = true;
      running.values().forEach(here -> here.recorder.shutDown());
    }
  }

  /** Waits until no recording is left, at most until the deadline. */
  boolean awaitEmpty(Deadline deadline) throws InterruptedException {
    return deadline.await(running, running::isEmpty);
  }
}
