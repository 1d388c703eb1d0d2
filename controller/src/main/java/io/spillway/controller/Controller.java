package io.spillway.controller;

import io.spillway.controller.alert.Alerts;
import io.spillway.controller.alert.EgressWatch;
import io.spillway.controller.alert.WatchLoop;
import io.spillway.controller.api.ApiServer;
import io.spillway.controller.dashboard.Dashboard;
import io.spillway.controller.dashboard.DashboardParts;
import io.spillway.controller.dispatch.ClusterDispatcher;
import io.spillway.controller.dispatch.IdMaker;
import io.spillway.controller.dispatch.LiveKitRooms;
import io.spillway.controller.dispatch.StartFlow;
import io.spillway.controller.dispatch.StopFlow;
import io.spillway.controller.dispatch.Trace;
import io.spillway.controller.idempotency.IdempotentStarts;
import io.spillway.controller.status.EgressLists;
import io.spillway.controller.status.HistorySweep;
import io.spillway.controller.status.OrphanStopper;
import io.spillway.controller.status.StatusService;
import io.spillway.controller.webhook.Webhooks;
import io.spillway.core.alert.Starts;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.TokenSigner;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.store.ControllerStore;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A controller: the API and the nodes' status service over one store and one bus, which stay the
 * caller's. LATENT until {@link #start}, then serving until {@link #close}; not started twice.
 */
public final class Controller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Controller.class);

  private final ControllerSettings settings;
  private final RpcClient starts;
  private final RpcClient handlers;
  private final RpcServer reports;
  private final LiveKitRooms rooms;
  private final StatusService status;
  private final ApiServer api;
  private final HistorySweep history;
  private final Dashboard dashboard;
  private final Alerts alerts;
  private final WatchLoop watch;
  private final Webhooks webhooks;

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
    ClientLimits limits = ClientLimits.defaults();
    this.starts =
        new PsrpcClient(bus, EgressServices.EGRESS_INTERNAL, time, random, limits, hooks.rpc());
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
            settings.dispatch().livekitUrl(),
            new TokenSigner(settings.api().keys().signing(), time),
            time);
    IdMaker ids = new IdMaker(random);
    this.webhooks =
        new Webhooks(
            hooks.webhooks(),
            settings.api().keys(),
            store,
            PsrpcServer.newId(random),
            time,
            random,
            hooks.metrics());
    StartFlow starting =
        new StartFlow(
            store,
            rooms,
            new ClusterDispatcher(starts, settings.dispatch().cluster()),
            hooks.sealer(),
            settings.dispatch(),
            time);
    EgressLists lists = new EgressLists(store);
    this.status = new StatusService(store, lists, new OrphanStopper(handlers), hooks.metrics());
    StopFlow stops = new StopFlow(store, handlers, settings.dispatch());
    Starts counted = new Starts(settings.alerts().latencyTarget());
    EgressWatch egresses = new EgressWatch(store, counted, time);
    this.alerts =
        new Alerts(
            settings.alerts(),
            new Alerts.Parts(egresses, counted, hooks.progress(), hooks.fleet(), store.outbox()),
            hooks.metrics(),
            time,
            random);
    this.dashboard =
        new Dashboard(
            settings.dashboard(),
            new DashboardParts(
                store,
                hooks.progress(),
                egresses,
                counted,
                hooks.fleet(),
                alerts::told,
                webhooks,
                id -> stop(stops, id, ids),
                settings.api().version()),
            settings.api().keys(),
            hooks.metrics(),
            time,
            random);
    this.watch = new WatchLoop(egresses, List.of(changed -> alerts.judge(), dashboard::tell), time);
    this.api =
        new ApiServer(
            settings.api(),
            new IdempotentStarts(
                store, starting::start, ids, settings.dispatch().startTimeout(), time),
            stops,
            store,
            lists,
            webhooks,
            hooks.progress(),
            hooks.metricsText(),
            hooks.metrics(),
            time,
            ids,
            settings.dashboard().enabled() ? Optional.of(dashboard::addTo) : Optional.empty());
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

  /** Listens to nodes, then opens the port; throws when it is taken. */
  public void start() {
    status.serveOn(reports);
    api.start();
    history.start();
    alerts.start();
    watch.start();
    webhooks.start();
    LOG.atInfo()
        .addKeyValue("port", port())
        .addKeyValue("livekit", settings.dispatch().livekitUrl())
        .log("controller serves");
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
    history.close();
    watch.close();
    alerts.close();
    dashboard.close(); // its streams would hold the API's stop up
    api.close();
    rooms.close();
    reports.close(settings.api().closeTimeout());
    webhooks.close();
    starts.close();
    handlers.close();
    LOG.atInfo().log("controller closed");
  }
}
