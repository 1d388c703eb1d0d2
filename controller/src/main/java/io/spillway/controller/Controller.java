package io.spillway.controller;

import io.spillway.controller.alert.AlertSettings;
import io.spillway.controller.api.ApiServer;
import io.spillway.controller.dispatch.ClusterDispatcher;
import io.spillway.controller.dispatch.DispatchQueue;
import io.spillway.controller.dispatch.Dispatcher;
import io.spillway.controller.dispatch.FleetDispatcher;
import io.spillway.controller.dispatch.IdMaker;
import io.spillway.controller.dispatch.LiveKitRooms;
import io.spillway.controller.dispatch.Mover;
import io.spillway.controller.dispatch.Placements;
import io.spillway.controller.dispatch.Reconciler;
import io.spillway.controller.dispatch.StartFlow;
import io.spillway.controller.dispatch.StopFlow;
import io.spillway.controller.dispatch.Trace;
import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.fleet.FleetService;
import io.spillway.controller.fleet.FleetSettings;
import io.spillway.controller.fleet.StoredNodes;
import io.spillway.controller.frontdoor.DoorReports;
import io.spillway.controller.frontdoor.FrontDoor;
import io.spillway.controller.gonode.GoBook;
import io.spillway.controller.gonode.GoWatch;
import io.spillway.controller.idempotency.IdempotentStarts;
import io.spillway.controller.repair.RepairLoop;
import io.spillway.controller.status.EgressLists;
import io.spillway.controller.status.HistorySweep;
import io.spillway.controller.status.OrphanStopper;
import io.spillway.controller.status.RestartDesk;
import io.spillway.controller.status.StatusService;
import io.spillway.controller.webhook.WebhookRouter;
import io.spillway.controller.webhook.WebhookSettings;
import io.spillway.controller.webhook.Webhooks;
import io.spillway.core.fleet.LostEgress;
import io.spillway.core.fleet.RepairLadder;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKeys;
import io.spillway.core.token.TokenSigner;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.retry.RetryBudget;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.store.ControllerStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A controller: the API and the nodes' status service over one store and one bus, which stay the
 * caller's. LATENT until {@link #start}, then serving until {@link #close}; not started twice.
 *
 * <p>A long file, because the graph of its parts is built by hand in one readable place.
 */
public final class Controller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Controller.class);

  private final ControllerSettings settings;
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("fleet-", 0).factory());
  private final RpcClient starts;
  private final RpcClient handlers;
  private final RpcClient canaries;
  private final RpcServer reports;
  private final LiveKitRooms rooms;
  private final StatusService status;
  private final RestartDesk restarts;
  private final ApiServer api;
  private final HistorySweep history;
  private final Observation observation;
  private final FleetService fleet;
  private final GoWatch goNodes;
  private final Mover mover;
  private final Webhooks webhooks;
  private final WebhookRouter router;
  private final RepairLoop repair;
  private final Optional<DoorReports> livekitReports;
  private final Optional<FrontDoor> door;

  /** A controller that nothing is lent to. */
  public Controller(
      ControllerSettings settings,
      ControllerStore store,
      MessageBus bus,
      TimeSource time,
      RandomGenerator random) {
    this(settings, ControllerHooks.none(settings.api().keys()), store, bus, time, random);
  }

  /**
   * Puts the parts together; subscribes to answers on the bus, serves nothing yet.
   *
   * @param random for ids: must not be guessable, an egress id is also the recorder's identity
   */
  public Controller(
      ControllerSettings settings,
      ControllerHooks hooks,
      ControllerStore store,
      MessageBus bus,
      TimeSource time,
      RandomGenerator random) {
    this.settings = settings;
    this.router = hooks.webhooks();
    ClientLimits limits = ClientLimits.defaults();
    this.starts =
        new PsrpcClient(bus, EgressServices.EGRESS_INTERNAL, time, random, limits, hooks.rpc());
    // Dead nodes don't answer canaries: that must not make this client doubt itself and the bus.
    ClientLimits patient =
        new ClientLimits(
            limits.calls(), limits.answersPerCall(), Integer.MAX_VALUE, limits.rebuildBackoff());
    this.canaries =
        new PsrpcClient(bus, EgressServices.EGRESS_INTERNAL, time, random, patient, hooks.rpc());
    this.handlers =
        new PsrpcClient(bus, EgressServices.EGRESS_HANDLER, time, random, limits, hooks.rpc());
    this.reports =
        new PsrpcServer(
            bus,
            EgressServices.IO_INFO,
            PsrpcServer.newId(random),
            time,
            ServerLimits.defaults(),
            hooks.rpc());
    this.rooms =
        new LiveKitRooms(
            settings.dispatch().livekitUrl(), TokenSigner.with(settings.api().keys(), time), time);
    IdMaker ids = new IdMaker(random);
    Placements placements = new Placements();
    FleetSettings fleetSettings =
        FleetSettings.of(
            ids.controller(), settings.fleet().region(), settings.fleet().onNodeLoss());
    FleetBook book = new FleetBook(fleetSettings, time, random);
    GoBook go = new GoBook(settings.fleet().goNodes(), time);
    this.fleet =
        new FleetService(
            fleetSettings,
            book,
            canaries,
            bus,
            new StoredNodes(store.nodes()),
            go,
            hooks.metrics(),
            time,
            executor);
    String cluster = settings.dispatch().cluster();
    this.goNodes =
        new GoWatch(
            go, canaries, cluster, book::isBlind, store.nodes(), hooks.metrics(), time, executor);
    RetryBudget retries = RetryBudget.defaults(time);
    FleetDispatcher placer =
        new FleetDispatcher(
            book,
            starts,
            store,
            new ClusterDispatcher(starts, go, book, store, cluster, retries, time),
            go,
            cluster,
            time);
    Dispatcher dispatcher =
        new DispatchQueue(placer, DispatchQueue.AT_ONCE, DispatchQueue.LONGEST, hooks.metrics());
    this.mover =
        new Mover(
            store,
            book,
            new Reconciler(
                book,
                time,
                fleetSettings.onNodeLoss(),
                LostEgress.Rules.usual(),
                placements,
                go::sight),
            go,
            dispatcher,
            hooks.sealer(),
            placements,
            time,
            executor);
    this.livekitReports =
        hooks
            .frontDoor()
            .map(livekit -> new DoorReports(livekit, store, hooks.rpc(), time, random));
    this.webhooks =
        new Webhooks(
            hooks.webhooks(),
            settings.api().keys(),
            store,
            fleetSettings.controllerId(),
            bus,
            livekitReports.map(DoorReports::hearer),
            time,
            random,
            hooks.metrics());
    StartFlow starting =
        new StartFlow(
            store,
            rooms,
            dispatcher,
            hooks.sealer(),
            settings.dispatch(),
            time,
            fleetSettings.controllerId(),
            placements);
    EgressLists lists = new EgressLists(store);
    this.status =
        new StatusService(
            store,
            lists,
            new OrphanStopper(handlers),
            hooks.metrics(),
            book::reported,
            book::regionOf);
    this.restarts =
        new RestartDesk(
            store,
            fleetSettings.onNodeLoss(),
            new RestartDesk.Fleet(
                book::regionOf,
                book::isAlive,
                (controller, egress) ->
                    controller.equals(book.controllerId())
                        ? placements.contains(egress)
                        : book.controllers().contains(controller)));
    StopFlow stops = new StopFlow(store, handlers, settings.dispatch(), retries);
    this.repair =
        new RepairLoop(
            book,
            store,
            hooks.supervisor(),
            RepairLadder.Rules.usual(),
            hooks.metrics(),
            time,
            executor);
    this.door =
        hooks
            .frontDoor()
            .map(livekit ->
                new FrontDoor(
                    livekit,
                    new FrontDoor.Parts(
                        bus,
                        book,
                        () -> book.hasNodes() || go.mayBeThere(),
                        store,
                        starting,
                        stops,
                        livekitReports.orElseThrow(),
                        ids,
                        hooks.rpc()),
                    settings.dispatch().startTimeout(),
                    hooks.metrics(),
                    time,
                    random));
    this.observation =
        new Observation(
            settings,
            hooks,
            store,
            book,
            go::nodes,
            webhooks,
            repair,
            id -> stop(stops, id, ids),
            () -> door.map(FrontDoor::strangers).orElse(List.of()),
            time,
            random);
    this.api =
        new ApiServer(
            settings.api(),
            new IdempotentStarts(
                store, starting::start, ids, settings.dispatch().startTimeout(), time),
            stops,
            store,
            lists,
            fleet,
            webhooks,
            observation.progress(),
            hooks.metricsText(),
            hooks.metrics(),
            time,
            ids,
            settings.dashboard().enabled() ? Optional.of(observation::addPages) : Optional.empty());
    this.history =
        new HistorySweep(
            store,
            time,
            settings.historyRetention(),
            sweep -> Thread.ofVirtual().name("history-sweep").start(sweep));
  }

  private static void stop(StopFlow stops, String egressId, IdMaker ids) {
    Trace trace = Trace.begin(ids.request());
    try {
      var _ = stops.stop(egressId, trace);
    } finally {
      trace.end();
    }
  }

  /**
   * Listens to nodes, then opens the port; throws when it is taken, or when somebody else takes the
   * requests at the front door.
   */
  public void start() {
    status.serveOn(reports);
    restarts.serveOn(reports);
    fleet.serveOn(reports);
    fleet.start();
    goNodes.start();
    door.ifPresent(FrontDoor::prove);
    mover.start();
    repair.start();
    api.start();
    history.start();
    observation.start();
    webhooks.start();
    door.ifPresent(FrontDoor::start);
    LOG.atInfo()
        .addKeyValue("port", port())
        .addKeyValue("livekit", settings.dispatch().livekitUrl())
        .log("controller serves");
  }

  /**
   * Goes on with other settings, where that is possible while it serves.
   *
   * @throws IllegalArgumentException when they don't fit together; nothing is changed then
   */
  public void reload(ApiKeys keys, WebhookSettings webhooks, AlertSettings alerts) {
    router.replace(webhooks, keys);
    settings.api().keys().replace(keys);
    observation.reload(alerts);
  }

  /** Takes the leases of a node in this process: the same as those that come over HTTP. */
  public FleetService fleet() {
    return fleet;
  }

  /** The port of the API. */
  public int port() {
    return api.port();
  }

  /**
   * Takes no new request, lets those under way end (bounded by the API's close time-out, as are
   * reports of nodes), then lets go of the bus.
   */
  @Override
  public void close() {
    door.ifPresent(some -> some.close(settings.api().closeTimeout()));
    history.close();
    observation.close(); // its streams would hold the API's stop up
    api.close();
    repair.close();
    mover.close();
    goNodes.close();
    fleet.close();
    rooms.close();
    reports.close(settings.api().closeTimeout());
    webhooks.close();
    livekitReports.ifPresent(DoorReports::close);
    starts.close();
    canaries.close();
    handlers.close();
    executor.shutdownNow();
    LOG.atInfo().log("controller closed");
  }
}
