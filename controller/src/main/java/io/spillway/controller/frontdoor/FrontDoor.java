package io.spillway.controller.frontdoor;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.dispatch.IdMaker;
import io.spillway.controller.dispatch.StartFlow;
import io.spillway.controller.dispatch.StopFlow;
import io.spillway.controller.fleet.FleetBook;
import io.spillway.core.bounded.Mailbox;
import io.spillway.core.bounded.Mailbox.Overflow;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.rpc.ListActiveEgressResponse;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.RpcServer.Bid;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.store.ControllerStore;
import io.spillway.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One controller's part of the front door. All controllers claim every request, under their own
 * ids; livekit-server gives it to the first. LATENT, then {@link #prove}, then {@link #start}, then
 * {@link #close}; each once.
 */
public final class FrontDoor {
  /** A controller that sees no node, or nothing at all, is better than "no response". */
  private static final float LAST_RESORT = 0.01f;

  private static final Duration STEP = Duration.ofSeconds(1);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  /** A start waits for its own two topics; a bus that is away is not waited for by thousands. */
  private static final Duration SUBSCRIBE_WAIT = Duration.ofMillis(200);

  /** Longer than that the bus has not heard itself: what is subscribed now is not heard anyway. */
  private static final Duration BUS_AWAY = Duration.ofSeconds(3);

  /** As with a node's own Redis. */
  private static final Duration OUTAGE = Duration.ofSeconds(5);

  private static final Duration CLOSE_WAIT = Duration.ofSeconds(3);
  private static final Logger LOG = LoggerFactory.getLogger(FrontDoor.class);

  private final DoorBus door;
  private final Parts parts;
  private final TimeSource time;
  private final RpcServer internal;
  private final RpcServer handlerServer;
  private final ClaimProbe probe;
  private final DoorGuard guard;
  private final DoorHandlers handlers;
  private final DoorStarts starts;
  private final Mailbox<Boolean> end = Mailbox.bounded(1, Overflow.DROP_NEWEST);
  private final Thread thread;
  private volatile boolean able;

  /** Of the door's own thread. */
  private boolean wasAway;

  /**
   * The controller's parts that the door leads to; they stay the controller's.
   *
   * @param fleetBus of the controllers and nodes
   * @param hasNodes whether there is any node to give a start to
   * @param rpc where its servers count
   */
  public record Parts(
      MessageBus fleetBus,
      FleetBook book,
      BooleanSupplier hasNodes,
      ControllerStore store,
      StartFlow starts,
      StopFlow stops,
      DoorReports reports,
      IdMaker ids,
      RpcMetrics rpc) {}

  /**
   * Takes nothing yet.
   *
   * @param startTimeout what a start may take
   */
  public FrontDoor(
      DoorBus door,
      Parts parts,
      Duration startTimeout,
      PrometheusRegistry metrics,
      TimeSource time,
      RandomGenerator random) {
    this.door = door;
    this.parts = parts;
    this.time = time;
    this.internal = server(EgressServices.EGRESS_INTERNAL);
    this.handlerServer = server(EgressServices.EGRESS_HANDLER);
    this.probe = new ClaimProbe(door.bus(), time, random);
    this.guard = new DoorGuard(door, parts.fleetBus(), parts.book(), probe, time);
    this.handlers = new DoorHandlers(handlerServer, parts.stops(), parts.ids());
    this.starts =
        new DoorStarts(
            parts.store(),
            parts.starts(),
            parts.reports(),
            handlers,
            parts.ids(),
            startTimeout,
            time);
    this.thread = Thread.ofVirtual().name("front-door").unstarted(this::run);
    measure(metrics);
  }

  /** A controller claims under its own id: the others know it by that. */
  private RpcServer server(String service) {
    ServerLimits usual = ServerLimits.defaults();
    ServerLimits limits =
        new ServerLimits(
            usual.handlers(),
            usual.claims(),
            usual.claimBytes(),
            usual.longestCall(),
            SUBSCRIBE_WAIT,
            usual.claimLinger());
    return new PsrpcServer(
        door.bus(), service, parts.book().controllerId(), time, limits, parts.rpc());
  }

  private void measure(PrometheusRegistry metrics) {
    GaugeWithCallback.builder()
        .name("spillway_front_door_open")
        .help("1 while this controller takes a livekit-server's egress requests")
        .callback(sample -> sample.call(guard.isOpen() ? 1 : 0))
        .register(metrics);
    GaugeWithCallback.builder()
        .name("spillway_front_door_strangers")
        .help("Others that take them and are no controllers of this fleet")
        .callback(sample -> sample.call(strangers().size()))
        .register(metrics);
  }

  /**
   * Finds out who else takes livekit-server's requests, about a second when all is well. After the
   * controllers have begun to hear each other.
   *
   * @throws IllegalStateException naming the stranger that takes them
   */
  public void prove() {
    internal.serve(EgressServices.START_EGRESS, "", starts::start, this::bid);
    try {
      guard.prove();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the controller was stopped at its start", stopped);
    }
  }

  /** Takes requests from now on, once the door is open. */
  public void start() {
    internal.serve(
        EgressServices.LIST_ACTIVE_EGRESS,
        "",
        (_, _) ->
            ListActiveEgressResponse.newBuilder().addAllEgressIds(handlers.egresses()).build());
    thread.start();
    LOG.atInfo()
        .addKeyValue("redis", door.where())
        .addKeyValue("open", guard.isOpen())
        .log("front door serves");
  }

  /** Who else takes livekit-server's requests at this moment. */
  public List<String> strangers() {
    return guard.strangers();
  }

  private Bid bid(StartEgressRequest request) {
    if (ClaimProbe.isProbe(request)) {
      return Bid.of(1); // chooses nobody; our claim tells that we hear
    }
    if (!guard.isOpen()) {
      return Bid.of(-1);
    }
    return Bid.of(able ? 1 : LAST_RESORT);
  }

  private void run() {
    Deadline nextLook = Deadline.in(time, LOOK_EVERY);
    try {
      do {
        step();
        if (nextLook.hasPassed() || !guard.isOpen()) {
          nextLook = Deadline.in(time, LOOK_EVERY);
          look();
        }
      } while (end.take(Deadline.in(time, STEP)).isEmpty());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() throws InterruptedException {
    try {
      guard.look();
    } catch (RuntimeException defect) {
      LOG.atError().setCause(defect).log("defect while looking for strangers at the front door");
    }
  }

  /**
   * livekit-server relays signalling between its own halves through its Redis: after an outage a
   * recorder's connection may look well and be deaf (see {@code docs/decisions/0006}). A node of a
   * fleet has no connection to that Redis, so its controllers tell it.
   */
  private void noteOutage() {
    Duration silent = door.bus().sinceProof();
    if (silent.compareTo(OUTAGE) > 0) {
      wasAway = true;
    } else if (wasAway && silent.compareTo(BUS_AWAY) < 0 && parts.reports().isAnswered()) {
      wasAway = false;
      LOG.atInfo().log("livekit-server's Redis was away: nodes take their signalling up again");
      parts.book().refreshSignalling("livekit-server's Redis was away");
    }
  }

  private void step() {
    try {
      noteOutage();
      able = !parts.book().isBlind() && parts.hasNodes().getAsBoolean();
      if (door.bus().sinceProof().compareTo(BUS_AWAY) < 0) {
        Set<String> before = handlers.egresses();
        handlers.serveAll(parts.store().unfinished(), before);
      }
    } catch (StoreException away) {
      LOG.atDebug().setCause(away).log("the store is away: requests to new egresses aren't heard");
    } catch (RuntimeException defect) {
      LOG.atError().setCause(defect).log("defect at the front door"); // the next step tries again
    }
  }

  /** Claims no more, lets what is under way end within {@code wait}. */
  public void close(Duration wait) {
    var _ = end.offer(true);
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WAIT)) {
        thread.interrupt();
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    internal.close(wait);
    handlerServer.close(wait);
    probe.close();
  }
}
