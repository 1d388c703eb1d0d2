package io.spillway.node;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.core.bounded.Backoff;
import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import io.spillway.node.admission.Gate;
import io.spillway.node.admission.Kind;
import io.spillway.node.admission.MachineMeter;
import io.spillway.node.admission.OutputRoom;
import io.spillway.node.fleet.CanaryDesk;
import io.spillway.node.parts.PartJoin;
import io.spillway.node.parts.PartSalvage;
import io.spillway.node.recorder.Progress;
import io.spillway.node.recorder.RecorderFactory;
import io.spillway.node.recovery.Lives;
import io.spillway.node.recovery.Recovery;
import io.spillway.node.recovery.StatusKeeper;
import io.spillway.node.report.BusProof;
import io.spillway.node.report.JournalLedger;
import io.spillway.node.report.StatusReporter;
import io.spillway.node.request.EgressService;
import io.spillway.node.request.PlanReader;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.retry.RetryBudget;
import io.spillway.rpc.retry.RetryRule;
import io.spillway.rpc.retry.RetryingClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.rtc.RtcEngine;
import io.spillway.storage.FreeDisk;
import io.spillway.storage.LocalOutputSettings;
import io.spillway.storage.LocalOutputs;
import io.spillway.storage.journal.FileJournalDisk;
import io.spillway.storage.journal.JournalSettings;
import io.spillway.storage.journal.JournalStats;
import io.spillway.storage.journal.StatusJournal;
import io.spillway.storage.seal.Seal;
import io.spillway.storage.seal.SealKeys;
import io.spillway.storage.spool.Spool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node put together: serves start and stop requests on a bus, records, reports, and takes up at
 * its start what an earlier process left. Thread-safe. One per data folder.
 *
 * <p>Long because the node's whole graph is built here by hand and all that may be asked of a node
 * is answered here.
 */
public final class Node implements AutoCloseable {
  private static final Duration SAMPLE_EVERY = Duration.ofSeconds(1);

  /** How long one try of a question may take, and how far apart tries are. */
  private static final RetryRule ASKING =
      RetryRule.untilAnswered(
          Duration.ofSeconds(3), new Backoff(Duration.ofMillis(500), Duration.ofSeconds(2)));

  private static final Duration REFRESHED_FOR = Duration.ofSeconds(10);
  private static final Duration FILES_CLOSE_WITHIN = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  private final NodeSettings settings;
  private final TimeSource time;
  private final ExecutorService executor;
  private final DiskPools disk = new DiskPools();
  private final StatusJournal journal;
  private final Spool spool;
  private final List<String> lives;
  private final RpcClient io;
  private final RpcServer internal;
  private final RpcServer handler;
  private final StatusReporter reporter;
  private final JournalLedger ledger;
  private final Gate gate;
  private final OutputRoom room;
  private final Recordings recordings;
  private final EgressService service;
  private final StatusKeeper keeper;
  private final Recovery recovery;
  private final OwnLease ownLease;
  private final BusProof proof;
  private final CanaryDesk canaries;
  private final MessageBus bus;
  private final Consumer<String> refreshSignalling;
  private Optional<Deadline> refreshedUntil = Optional.empty();
  private volatile long beatAtNanos;
  private volatile boolean closed;

  /** What a node is given. It closes none of it. */
  public record Parts(
      MessageBus bus,
      RpcMetrics rpcMetrics,
      RtcEngine rtc,
      MachineMeter meter,
      FreeDisk disk,
      RoomCheck rooms,
      TimeSource time,
      RandomGenerator random,
      SecureRandom secureRandom,
      ZoneId zone) {}

  /** Opens the node's folders; {@link #start} begins to serve. */
  public Node(NodeSettings settings, Parts parts) {
    this.settings = settings;
    this.time = parts.time();
    this.beatAtNanos = time.nanos();
    this.executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("node-", 0).factory());
    this.spool = openSpool(settings.data(), parts.secureRandom());
    this.lives = Lives.begin(settings.data(), settings.nodeId());
    this.journal = openJournal(settings.data(), parts.time());
    this.ledger = new JournalLedger(journal);
    this.io =
        new PsrpcClient(
            parts.bus(),
            EgressServices.IO_INFO,
            parts.time(),
            parts.random(),
            ClientLimits.defaults(),
            parts.rpcMetrics());
    RpcClient questions =
        new RetryingClient(
            io, ASKING, RetryBudget.defaults(time), time, parts.random(), parts.rpcMetrics());
    this.internal = server(EgressServices.EGRESS_INTERNAL, parts);
    this.handler = server(EgressServices.EGRESS_HANDLER, parts);
    this.reporter =
        new StatusReporter(
            settings.nodeId(), io, ledger, parts.time(), parts.random(), executor, this::refused);
    this.bus = parts.bus();
    this.canaries =
        new CanaryDesk(
            settings.nodeId(), io, reporter::oldestAge, reporter::depth, reporter::gotThrough);
    this.proof =
        new BusProof(
            parts.bus(),
            io,
            parts.time(),
            executor,
            () -> parts.rtc().refreshSignalling("the server's Redis was away"));
    this.refreshSignalling = parts.rtc()::refreshSignalling;
    this.gate = new Gate(parts.time(), parts.meter(), settings.costs());
    LocalOutputs outputs = outputs(parts);
    this.room =
        new OutputRoom(
            outputs,
            settings.storagePrefix(),
            settings.outputRoots(),
            settings.data(),
            disk.threads().quick());
    PartJoin join = new PartJoin(spool, outputs, settings.mp4FastStart());
    this.recordings = recordings(parts, outputs, join);
    this.service =
        new EgressService(
            internal, settings.nodeId(), recordings, settings.conduct().refusalAffinity());
    this.keeper = new StatusKeeper(questions, settings.conduct().askStoredFor());
    this.recovery =
        new Recovery(
            spool,
            new PartSalvage(spool, settings.mp4FastStart()),
            join,
            new PlanReader(settings.serverUrl()),
            reporter,
            new Recovery.Peers(
                keeper::stored,
                this::nextEpoch,
                recordings::goOn,
                settings.conduct().joinsOnceTaken()),
            new Recovery.Threads(executor, disk.threads().longWork()),
            parts.time());
    this.ownLease = new OwnLease(settings, gate, recordings, recovery, reporter, parts.time());
  }

  private RpcServer server(String rpcService, Parts parts) {
    return new PsrpcServer(
        parts.bus(),
        rpcService,
        settings.nodeId(),
        parts.time(),
        ServerLimits.defaults(),
        parts.rpcMetrics());
  }

  private LocalOutputs outputs(Parts parts) {
    return new LocalOutputs(
        new LocalOutputSettings(
            Path.of("").toAbsolutePath(),
            settings.outputRoots(),
            settings.disallowLocalStorage(),
            settings.minFreeDiskBytes()),
        parts.disk());
  }

  private Recordings recordings(Parts parts, LocalOutputs outputs, PartJoin join) {
    RecorderFactory recorders =
        new RecorderFactory(
            outputs,
            spool,
            join,
            new RecorderFactory.Settings(
                settings.storagePrefix(),
                settings.maxFileDuration(),
                settings.maxFileBytes(),
                settings.mp4FastStart(),
                settings.spoolSync(),
                parts.zone()),
            parts.time());
    TokenSigner tokens =
        new TokenSigner(new ApiKey(settings.apiKey(), settings.apiSecret()), parts.time());
    return new Recordings(
        settings,
        new Recordings.Doors(gate, room),
        recorders,
        new Subscriber(parts.rtc(), tokens, parts.rooms(), settings),
        reporter,
        new Recordings.Wiring(
            (egressId, desk) -> EgressService.serveHandler(handler, egressId, desk),
            this::isProven,
            settings.conduct().createdWithin(),
            settings.conduct().joinsOnceTaken(),
            new EpochCheck(io, settings.conduct().fencesRestarts())),
        disk.threads(),
        parts.time());
  }

  private static Spool openSpool(Path data, SecureRandom random) {
    try {
      Files.createDirectories(data);
      SealKeys keys = SealKeys.ofFile(data.resolve("secrets.key"), random);
      return Spool.open(data.resolve("spool"), new Seal(keys, random));
    } catch (IOException failure) {
      throw new UncheckedIOException("could not open the node's data folder " + data, failure);
    }
  }

  private static StatusJournal openJournal(Path data, TimeSource time) {
    return StatusJournal.open(
        new FileJournalDisk(data.resolve("status.journal")), JournalSettings.standard(), time);
  }

  /** Sends what is left in the journal, takes up what is left in the spool, then serves. */
  public void start() {
    if (settings.conduct().provesBus()) {
      proof.start();
    }
    int statuses = journal.stats().depth();
    int egresses = recovery.start(ledger.replay(reporter));
    service.start(canaries::answer);
    if (settings.conduct().takesBids()) {
      service.startBidding(settings.clusterId());
    }
    room.sample();
    sampleLater();
    LOG.atInfo()
        .addKeyValue("node", settings.nodeId())
        .addKeyValue("statuses_left", statuses)
        .addKeyValue("egresses_left", egresses)
        .log("node serves");
  }

  private void sampleLater() {
    var _ =
        time.after(
            SAMPLE_EVERY,
            () -> {
              if (!closed) {
                executor.execute(this::beat);
                sampleLater();
              }
            });
  }

  private void beat() {
    room.sample();
    gate.sample();
    beatAtNanos = time.nanos();
  }

  /** livekit-server gives no egress to a second node: no answer of its can mean that one has it. */
  private boolean refused(String egressId, RpcException why) {
    if (!settings.conduct().joinsOnceTaken()) {
      return false;
    }
    recordings.refused(egressId, why);
    return true;
  }

  private Optional<Integer> nextEpoch(String egressId, int last) {
    if (recordings.active().contains(egressId)) {
      return Optional.empty(); // it took too long, and its controllers started it here once more
    }
    return settings.conduct().fencesRestarts()
        ? keeper.nextEpoch(settings.nodeId(), lives, egressId, last)
        : Optional.of(last + 1);
  }

  /** Its id, new at each start. */
  public String id() {
    return settings.nodeId();
  }

  /** How long ago its threads last did what they do each second. */
  public Duration sinceHeartbeat() {
    return Duration.ofNanos(time.nanos() - beatAtNanos);
  }

  /** Each recording's progress by egress id. */
  public Map<String, Progress> progress() {
    return recordings.progress();
  }

  /** Frames lost since the start because a disk was slower than its track. */
  public long droppedFrames() {
    return recordings.droppedFrames();
  }

  /**
   * Every egress that this node answers for: being recorded, being taken up after a restart, or
   * with a status on its way.
   */
  public Set<String> knownEgresses() {
    return ownLease.knownEgresses();
  }

  /** Whether messages are known to get through both ways; a node that needs no proof has it. */
  public boolean isProven() {
    return !settings.conduct().provesBus() || proof.isFresh();
  }

  /** Age of the older of the bus's two proofs. */
  public Duration proofAge() {
    return settings.conduct().provesBus() ? proof.age() : Duration.ZERO;
  }

  /** Why no start would be taken now, for people; empty: one would. */
  public Optional<String> refusal() {
    if (recordings.isDraining()) {
      return Optional.of("draining: no new egress is taken");
    }
    return isProven()
        ? gate.refusal(Kind.VIDEO).or(room::refusal)
        : Optional.of("no proof that messages get through to LiveKit and back");
  }

  /** Whether the node takes no more starts because it is to end. */
  public boolean isDraining() {
    return recordings.isDraining();
  }

  /** Each recording's newest status. */
  public List<EgressInfo> statuses() {
    return recordings.statuses();
  }

  /** How many egresses ended with each status since the start. */
  public Map<EgressStatus, Long> outcomes() {
    return recordings.outcomes();
  }

  /** What the machine does, as admission sees it. */
  public Admission.Load load() {
    return gate.load();
  }

  /** The share of the machine that is in use, by anybody. */
  public double machineLoad() {
    return gate.machineLoad();
  }

  /** What one more track is expected to need, at the dearest. */
  public Admission.Cost expectedCost() {
    return gate.expectedCost(Kind.VIDEO);
  }

  /**
   * What this node says about itself to its controllers.
   *
   * @param number rises with each lease
   * @param region where it runs; empty: unknown
   * @param version of the program
   */
  public Lease lease(long number, String region, String version) {
    return ownLease.numbered(number, region, version);
  }

  /** Does what a controller orders in the answer to a lease. Returns at once. */
  public void obey(LeaseOrder order) {
    LOG.atWarn()
        .addKeyValue("node", settings.nodeId())
        .addKeyValue("order", order)
        .log("a controller orders");
    switch (order) {
      case LeaseOrder.RebuildRpc(String reason) -> bus.suspect(reason);
      case LeaseOrder.Drain _ -> recordings.drain();
      case LeaseOrder.RefreshSignalling(String reason) -> refresh(reason);
      case LeaseOrder.Fence(String egressId, int newest, String reason) ->
          recordings.fenced(egressId, newest, reason);
    }
  }

  /** Every controller orders it; once is enough. */
  private synchronized void refresh(String reason) {
    if (refreshedUntil.map(Deadline::hasPassed).orElse(true)) {
      refreshedUntil = Optional.of(Deadline.in(time, REFRESHED_FOR));
      refreshSignalling.accept(reason);
    }
  }

  /**
   * Other limits from now on: of the machine for the next starts, of length and size for recordings
   * that begin later (zero: none).
   */
  public void limits(Admission.Limits machine, Duration maxFileDuration, long maxFileBytes) {
    gate.limits(machine);
    recordings.limits(maxFileDuration, maxFileBytes);
  }

  /** What the machine may be used to now. */
  public Admission.Limits limits() {
    return gate.limits();
  }

  /** The folders of the spool that can't be listed: what was left in them is not taken up yet. */
  public List<Path> spoolUnlisted() {
    return spool.unlisted();
  }

  /** The status journal's figures. */
  public JournalStats journal() {
    return journal.stats();
  }

  /**
   * Exports how long starts take, how often recordings stood still, and what its threads for files
   * do. Once per registry.
   */
  public void registerOn(PrometheusRegistry registry) {
    CounterWithCallback.builder()
        .name("spillway_recorder_restarts")
        .help("Recordings that stood still though their track flowed, and subscribed anew")
        .callback(sample -> sample.call((double) recordings.restarts()))
        .register(registry);
    recordings.startTimes().registerOn(registry);
    disk.registerOn(registry);
  }

  /** Statuses that wait to be acknowledged. */
  public int statusesWaiting() {
    return reporter.depth();
  }

  /** How often a status was sent while a slow disk was still at it. */
  public long statusesSentUnwritten() {
    return reporter.sentUnwritten();
  }

  /** How long the oldest of them waits. */
  public Duration oldestStatusAge() {
    return reporter.oldestAge();
  }

  /**
   * Takes no more starts and waits for the recordings to end by themselves and for their statuses
   * to be acknowledged, at most {@code wait}; whether all did. May be called again.
   */
  public boolean drain(Duration wait) throws InterruptedException {
    recordings.drain();
    Deadline deadline = Deadline.in(time, wait);
    // in the order in which an egress passes through them, so that none is missed in between
    return recovery.awaitDone(deadline)
        && recordings.awaitEmpty(deadline)
        && reporter.awaitEmpty(deadline);
  }

  /**
   * Ends every recording with its file whole and its last status sent, as far as that goes within
   * {@code wait}.
   */
  public void shutDown(Duration wait) throws InterruptedException {
    recordings.shutDown();
    Deadline deadline = Deadline.in(time, wait);
    boolean ended = recordings.awaitEmpty(deadline);
    boolean told = reporter.awaitEmpty(deadline);
    LOG.atInfo()
        .addKeyValue("all_ended", ended)
        .addKeyValue("all_told", told)
        .log("node shut down");
  }

  @Override
  public void close() {
    closed = true;
    proof.close();
    service.close();
    internal.close();
    handler.close();
    executor.shutdownNow();
    disk.close(Deadline.in(time, FILES_CLOSE_WITHIN));
    reporter.close();
    io.close();
    journal.close();
    spool.close();
  }
}
