package io.spillway.bench.dispatch;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.app.process.Opened;
import io.spillway.bench.meter.Quantiles;
import io.spillway.bench.stage.RedisProcess;
import io.spillway.controller.dispatch.ClusterDispatcher;
import io.spillway.controller.dispatch.DispatchSettings;
import io.spillway.controller.dispatch.Dispatcher;
import io.spillway.controller.dispatch.FleetDispatcher;
import io.spillway.controller.dispatch.IdMaker;
import io.spillway.controller.dispatch.Placements;
import io.spillway.controller.dispatch.RequestSealer;
import io.spillway.controller.dispatch.StartFlow;
import io.spillway.controller.dispatch.Trace;
import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.fleet.FleetService;
import io.spillway.controller.fleet.FleetSettings;
import io.spillway.controller.gonode.GoBook;
import io.spillway.controller.gonode.GoNodes;
import io.spillway.controller.request.StartRequest;
import io.spillway.core.fleet.Health;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.rpc.bus.RedisSettings;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.retry.RetryBudget;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.store.ControllerStore;
import io.spillway.store.sql.EgressStores;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/** One fleet of so many nodes, a controller's real parts before it, and Redis between them. */
final class DispatchRun implements AutoCloseable {
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(10);
  private static final Duration TRUST_WITHIN = Duration.ofSeconds(30);
  private static final Duration LEASE_EACH = Duration.ofSeconds(1);
  private static final Duration LOOK_EACH = Duration.ofMillis(100);

  private final Terminal terminal;
  private final TimeSource time;
  private final RandomGenerator random;
  private final RedisProcess redis;
  private final IdMaker ids;
  private final Opened opened = new Opened();
  private final AnsweringNodes nodes;
  private final PsrpcClient client;
  private final ControllerStore store;
  private final FleetBook book;
  private final AtomicReference<TimeSource.Timer> leases = new AtomicReference<>(() -> {});
  private final AtomicInteger leaseNumber = new AtomicInteger();
  private volatile boolean closed;

  /**
   * What so many callers got done.
   *
   * @param commands of Redis per start, those of the canaries meanwhile included
   */
  record Figures(double perSecond, Quantiles millis, int failed, double commands) {}

  /** Brings it up; {@code redis} stays the caller's. */
  DispatchRun(Terminal terminal, RedisProcess redis, Path folder, int count, RandomGenerator random)
      throws InterruptedException {
    this.terminal = terminal;
    this.time = terminal.time();
    this.random = random;
    this.redis = redis;
    this.ids = new IdMaker(random);
    RedisBus near = bus();
    RedisBus far = bus();
    nodes = opened.open(new AnsweringNodes(count, far, time, random));
    client =
        opened.open(
            new PsrpcClient(
                near,
                EgressServices.EGRESS_INTERNAL,
                time,
                random,
                ClientLimits.defaults(),
                new RpcMetrics()));
    store = opened.open(EgressStores.sqlite(folder, time));
    FleetSettings settings = FleetSettings.of(ids.controller());
    book = new FleetBook(settings, time, random);
    FleetService service =
        opened.open(
            new FleetService(
                settings,
                book,
                client,
                near,
                FleetService.NodeHistory.none(),
                FleetService.GoNews.none(),
                new PrometheusRegistry(),
                time,
                task -> Thread.ofVirtual().start(task)));
    RpcServer reports =
        opened.open(
            new PsrpcServer(
                near,
                EgressServices.IO_INFO,
                settings.controllerId(),
                time,
                ServerLimits.defaults(),
                new RpcMetrics()));
    service.serveOn(reports);
    service.start();
    renew(service);
    awaitTrust(count);
  }

  private RedisBus bus() throws InterruptedException {
    RedisBus bus =
        opened.open(
            new RedisBus(
                RedisSettings.plain(redis.address()),
                BusLimits.defaults(),
                time,
                random,
                new RpcMetrics()));
    if (!bus.awaitConnected(CONNECT_WITHIN)) {
      throw new OutcomeException("no connection to the bench's own Redis");
    }
    return bus;
  }

  private void renew(FleetService service) {
    if (closed) {
      return;
    }
    leases.set(
        time.after(
            LEASE_EACH,
            () -> {
              var _ = Thread.ofVirtual().name("leases").start(() -> renew(service));
            }));
    long number = leaseNumber.incrementAndGet();
    nodes.leases(number).forEach(lease -> service.renew(lease));
  }

  private void awaitTrust(int count) throws InterruptedException {
    Deadline deadline = Deadline.in(time, TRUST_WITHIN);
    while (Collections.frequency(book.healths(), Health.HEALTHY) < count) {
      if (deadline.hasPassed()) {
        throw new OutcomeException(
            "of %d nodes %d answer their canaries: this machine is too slow for so many"
                .formatted(count, Collections.frequency(book.healths(), Health.HEALTHY)));
      }
      terminal.pause(LOOK_EACH);
    }
  }

  /** Redis's commands per second while nobody starts anything: canaries, probes, presence. */
  double canaryCommandsPerSecond(Duration over) throws InterruptedException {
    long before = commands();
    terminal.pause(over);
    return (commands() - before) / (over.toMillis() / 1e3);
  }

  private long commands() {
    return redis.commandsProcessed();
  }

  /** Starts to the chosen node's own topic, from this many callers. */
  Figures direct(int callers, Duration lasting) throws InterruptedException {
    GoBook none = new GoBook(GoNodes.NEVER, time);
    return measure(
        new FleetDispatcher(book, client, store, bidding(none), none, "", time), callers, lasting);
  }

  private Dispatcher bidding(GoBook go) {
    return new ClusterDispatcher(client, go, book, store, "", RetryBudget.defaults(time), time);
  }

  /** The same starts offered to all nodes. */
  Figures broadcast(int callers, Duration lasting) throws InterruptedException {
    nodes.bidForBroadcasts();
    terminal.pause(Duration.ofSeconds(1)); // for the subscriptions
    return measure(bidding(new GoBook(GoNodes.ALWAYS, time)), callers, lasting);
  }

  private Figures measure(Dispatcher dispatcher, int callers, Duration lasting)
      throws InterruptedException {
    StartFlow flow =
        new StartFlow(
            store,
            (room, deadline) -> Optional.of("RM_bench"),
            dispatcher,
            RequestSealer.none(),
            DispatchSettings.of(URI.create("ws://127.0.0.1:1")),
            time,
            book.controllerId(),
            new Placements());
    var _ = run(flow, callers, Duration.ofSeconds(2)); // a JVM that has compiled nothing yet
    long before = commands();
    long began = time.nanos();
    Taken taken = run(flow, callers, lasting);
    double seconds = (time.nanos() - began) / 1e9;
    List<Double> millis = taken.millis();
    if (millis.isEmpty()) {
      throw new OutcomeException("no start succeeded; " + taken.failures().get() + " failed");
    }
    return new Figures(
        millis.size() / seconds,
        Quantiles.of(millis),
        taken.failures().get(),
        (double) (commands() - before) / millis.size());
  }

  private record Taken(List<Double> millis, AtomicInteger failures) {}

  private Taken run(StartFlow flow, int callers, Duration lasting) throws InterruptedException {
    Taken taken = new Taken(Collections.synchronizedList(new ArrayList<>()), new AtomicInteger());
    Deadline deadline = Deadline.in(time, lasting);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      threads.add(Thread.ofVirtual().start(() -> callUntil(flow, deadline, taken)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return taken;
  }

  private void callUntil(StartFlow flow, Deadline deadline, Taken taken) {
    while (!deadline.hasPassed()) {
      long began = time.nanos();
      Trace trace = Trace.begin("bench");
      try {
        EgressInfo _ = flow.start(ids.egress(), request(), trace);
        taken.millis().add((time.nanos() - began) / 1e6);
      } catch (RpcException failed) {
        int _ = taken.failures().incrementAndGet();
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
        return;
      } finally {
        trace.end();
      }
    }
  }

  private static StartRequest request() {
    return new StartRequest.Track(
        TrackEgressRequest.newBuilder()
            .setRoomName("bench")
            .setTrackId("TR_bench")
            .setFile(DirectFileOutput.newBuilder().setFilepath("bench/{track_id}-{time}"))
            .build());
  }

  @Override
  public void close() {
    closed = true;
    leases.get().cancel();
    opened.close();
  }
}
