package io.spillway.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.dispatch.Placements;
import io.spillway.controller.dispatch.Reconciler;
import io.spillway.controller.dispatch.Reconciler.Move;
import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.fleet.FleetSettings;
import io.spillway.controller.status.EgressLists;
import io.spillway.controller.status.OrphanStopper;
import io.spillway.controller.status.RestartDesk;
import io.spillway.controller.status.StatusService;
import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.DispatchChoice.Choice;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.fleet.LostEgress;
import io.spillway.core.fleet.StartPlan;
import io.spillway.core.fleet.StartPlan.Effect;
import io.spillway.core.fleet.StartPlan.Event;
import io.spillway.core.fleet.StartPlan.State;
import io.spillway.core.fleet.StartPlan.Step;
import io.spillway.protocol.fleet.Presence;
import io.spillway.protocol.fleet.TakeUpAnswer;
import io.spillway.protocol.fleet.TakeUpRequest;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.store.Applied;
import io.spillway.store.EgressStore;
import io.spillway.store.NewEgress;
import io.spillway.store.StatusOrder;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A controller: the real book, plan, reconciler and status service, with the effects carried out on
 * the simulated clock, bus and store. What the real shells do with threads (FleetService,
 * FleetDispatcher, Mover) is done here with timers. (Over 300 lines: those three shells in one.)
 */
final class SimulatedController {
  private static final Duration BUDGET = Duration.ofSeconds(10);
  private static final Duration WAIT_FOR_NODE = Duration.ofSeconds(30);
  private static final Duration CANARY_WITHIN = Duration.ofSeconds(1);

  final Endpoint endpoint;
  private final Cluster cluster;

  /** Webhooks that a mutant keeps here. */
  final Deque<String> memory = new ArrayDeque<>();

  boolean reachesStore = true;
  private FleetBook book;
  private EgressStore store;
  private Reconciler reconciler;
  private CapturedServer reports;
  private Placements placements;

  SimulatedController(int number, Cluster cluster) {
    this.endpoint = new Endpoint("CO_" + number);
    this.cluster = cluster;
    this.store = cluster.store.view(() -> reachesStore, memory);
    this.placements = new Placements();
    this.book = newBook();
    this.reconciler = newReconciler();
    this.reports = newReports();
  }

  String id() {
    return endpoint.name + "_" + endpoint.life;
  }

  boolean isGood() {
    return endpoint.isWhole() && reachesStore;
  }

  private FleetBook newBook() {
    return new FleetBook(FleetSettings.of(id()), cluster.clock, cluster.random);
  }

  private Reconciler newReconciler() {
    return new Reconciler(
        book,
        cluster.clock,
        LostEgress.OnNodeLoss.CONTINUE,
        LostEgress.Rules.usual(),
        placements,
        _ -> Optional.empty());
  }

  private CapturedServer newReports() {
    CapturedServer server = new CapturedServer();
    new StatusService(
            store,
            new EgressLists(store),
            new OrphanStopper(new Stops(), Runnable::run),
            new PrometheusRegistry(),
            book::reported,
            book::regionOf)
        .serveOn(server);
    new RestartDesk(
            store,
            LostEgress.OnNodeLoss.CONTINUE,
            new RestartDesk.Fleet(
                book::regionOf,
                book::isAlive,
                (controller, egress) ->
                    controller.equals(id())
                        ? placements.contains(egress)
                        : book.controllers().contains(controller)))
        .serveOn(server);
    return server;
  }

  void boot() {
    endpoint.alive = true;
    placements = new Placements();
    book = newBook();
    reconciler = newReconciler();
    reports = newReports();
    every(Duration.ofMillis(500), () -> cluster.count(book.judge()));
    every(Duration.ofSeconds(1), this::send);
    every(Duration.ofSeconds(1), this::sweep);
  }

  void kill() {
    endpoint.alive = false;
    endpoint.life++;
    memory.clear();
  }

  private void after(Duration delay, Runnable task) {
    int life = endpoint.life;
    var _ =
        cluster.clock.after(
            delay,
            () -> {
              if (endpoint.alive && endpoint.life == life) {
                task.run();
              }
            });
  }

  private void every(Duration period, Runnable task) {
    task.run();
    after(period, () -> every(period, task));
  }

  // ---- the fleet

  List<LeaseOrder> renew(Lease lease) {
    List<LeaseOrder> orders = book.renew(lease);
    if (lease.number() == 1) {
      canary(lease.nodeId());
    }
    return orders;
  }

  private void send() {
    Presence presence = book.presence();
    for (SimulatedController other : cluster.controllers) {
      cluster.network.send(endpoint, other.endpoint, () -> other.book.heard(presence));
    }
    book.canariesDue().forEach(this::canary);
    book.storeReachable(reachesStore);
  }

  private void canary(String nodeId) {
    Optional<SimulatedNode> node = cluster.node(nodeId);
    if (node.isEmpty()) {
      after(CANARY_WITHIN, () -> book.canaryMissed(nodeId));
      return;
    }
    boolean[] whole = new boolean[1];
    cluster.network.call(
        endpoint,
        node.get().endpoint,
        CANARY_WITHIN,
        () -> {
          node.get()
              .canary(() ->
                  cluster.network.send(
                      node.get().endpoint,
                      endpoint,
                      () -> {
                        whole[0] = true;
                        boolean again = book.canaryAnswered(nodeId, node.get().oldestStatus());
                        cluster.count(book.judge());
                        if (again) {
                          canary(nodeId);
                        }
                      }));
          return Optional.empty();
        },
        never -> {
          if (!whole[0]) {
            book.canaryMissed(nodeId);
          }
        });
  }

  CapturedServer.Answer report(boolean first, EgressInfo info, Map<String, String> metadata) {
    return reports.report(first, info, metadata);
  }

  /** The epoch under which a restarted node goes on, 0: not at all; empty: it must ask again. */
  Optional<Integer> takeUp(String nodeId, List<String> lives, String egressId, int epoch) {
    TakeUpRequest.Builder request =
        TakeUpRequest.newBuilder()
            .setFormat(1)
            .setNodeId(nodeId)
            .setEgressId(egressId)
            .setEpoch(epoch)
            .addAllEarlierNodeIds(lives);
    if (cluster.mutant == Mutant.BLIND_DESK) {
      cluster.store.row(egressId).ifPresent(row -> request.addEarlierNodeIds(row.node()));
    }
    return reports.takeUp(request.build()).map(TakeUpAnswer::getEpoch);
  }

  // ---- starts

  /** A user's start; {@code failed} is told why it was not started. */
  void start(Egress egress, Consumer<String> failed) {
    placements.begin(egress.id);
    EgressInfo starting =
        EgressInfo.newBuilder()
            .setEgressId(egress.id)
            .setStartedAt(cluster.clock.unixNanos())
            .setUpdatedAt(cluster.clock.unixNanos())
            .build();
    try {
      store.create(new NewEgress(starting, ByteString.copyFromUtf8("sealed"), id()));
    } catch (StoreException away) {
      placements.end(egress.id);
      failed.accept("the store is away");
      return;
    }
    Placing placing = new Placing(egress, cluster.clock.nanos() + BUDGET.toNanos());
    placing.over =
        state -> {
          if (state instanceof State.Failed(int epoch, String why)) {
            end(egress, epoch);
            failed.accept(why);
          } else {
            egress.accepted = true;
          }
          placements.end(egress.id);
        };
    placing.follow(StartPlan.begin(1));
  }

  private void end(Egress egress, int epoch) {
    long now = cluster.clock.unixNanos();
    EgressInfo failed =
        EgressInfo.newBuilder()
            .setEgressId(egress.id)
            .setStatus(EgressStatus.EGRESS_FAILED)
            .setRetryCount(epoch - 1)
            .setUpdatedAt(now)
            .setEndedAt(now)
            .build();
    StatusUpdate update = new StatusUpdate(failed, epoch, Long.MAX_VALUE, "", "failed");
    try {
      Applied _ = store.apply(update);
    } catch (StoreException away) {
      placements.owed().add(update);
    }
  }

  /** One egress on its way to a node. */
  private final class Placing {
    private final Egress egress;
    private final long untilNanos;
    private Consumer<State> over = state -> {};
    private int othersEpoch;
    private long othersUntilNanos;

    Placing(Egress egress, long untilNanos) {
      this.egress = egress;
      this.untilNanos = untilNanos;
    }

    private Duration left() {
      return Duration.ofNanos(untilNanos - cluster.clock.nanos());
    }

    void follow(Step step) {
      switch (step.effect()) {
        case Effect.Choose(Set<String> except) -> choose(step.state(), except);
        case Effect.WaitThenChoose(Duration pause, Set<String> except) ->
            after(pause, () -> choose(step.state(), except));
        case Effect.Ask(String node, int epoch, Duration within) ->
            ask(step.state(), node, epoch, within);
        case Effect.Fence(int epoch, Duration pause, String reason) ->
            after(pause, () -> see(step.state(), fence(epoch, reason)));
        case Effect.Finish _ -> over.accept(step.state());
      }
    }

    private void see(State state, Event event) {
      egress.step(cluster.clock.nanos(), event.toString());
      boolean another = event instanceof Event.Fenced || event instanceof Event.Unclaimed;
      if (cluster.mutant == Mutant.ONE_TRY && another) {
        int epoch = cluster.store.row(egress.id).map(StoredEgress::epoch).orElse(1);
        after(left(), () -> over.accept(new State.Failed(epoch, "one try")));
        return;
      }
      follow(StartPlan.next(state, event, left()));
    }

    private void choose(State state, Set<String> except) {
      switch (book.choose(egress.id, egress.region, "", except)) {
        case Choice.Node(String node) -> see(state, new Event.Chosen(node));
        case Choice.Nobody(var why) -> see(state, new Event.NobodyFits(why));
      }
    }

    private void ask(State state, String nodeId, int epoch, Duration within) {
      Optional<SimulatedNode> node = cluster.node(nodeId);
      long askedNanos = cluster.clock.nanos();
      boolean[] lost = new boolean[1];
      Consumer<Optional<SimulatedNode.Word>> answered =
          word -> {
            noteLoss(lost[0], askedNanos);
            if (word.isEmpty() || word.get() == SimulatedNode.Word.FULL) {
              book.release(nodeId, egress.id);
            }
            if (word.filter(said -> said == SimulatedNode.Word.FULL).isPresent()) {
              book.saidFull(nodeId, Admission.Shortage.SLOTS);
            }
            see(
                state,
                word.<Event>map(said ->
                        said == SimulatedNode.Word.YES
                            ? new Event.Accepted()
                            : new Event.TurnedDown("full"))
                    .orElseGet(() -> new Event.Unconfirmed("silence")));
          };
      Runnable unclaimed =
          () -> {
            noteLoss(lost[0], askedNanos);
            book.release(nodeId, egress.id);
            see(state, new Event.Unclaimed("no claim"));
          };
      if (node.isEmpty()) { // it died: nobody claims
        after(StartPlan.CLAIM_WITHIN, unclaimed);
      } else {
        cluster.network.call(
            endpoint,
            node.get().endpoint,
            within,
            StartPlan.CLAIM_WITHIN,
            () -> node.get().start(egress, epoch),
            answered,
            unclaimed,
            () -> lost[0] = true);
      }
    }

    private void noteLoss(boolean lost, long askedNanos) {
      if (lost) {
        egress.unreached.add(new Egress.Span(askedNanos, cluster.clock.nanos()));
      }
    }

    private Event fence(int epoch, String reason) {
      try {
        Optional<Integer> next = store.fenceUntaken(egress.id, epoch, id(), reason);
        if (next.isPresent()) {
          book.fence(egress.id, next.get(), reason);
          return new Event.Fenced(next.get());
        }
        return lookWhy(epoch, reason);
      } catch (StoreException away) {
        return new Event.StoreAway("away");
      }
    }

    /** As FleetDispatcher has it: what another controller places isn't placed by two. */
    private Event lookWhy(int epoch, String reason) {
      StoredEgress row = store.find(egress.id).orElseThrow();
      if (StatusOrder.isFinal(row.info().getStatus()) || row.sequence() > 0) {
        return new Event.TakenAfterAll();
      }
      return row.epoch() > epoch && row.dispatcher().equals(id())
          ? new Event.Fenced(row.epoch())
          : fenceOther(row.epoch(), reason);
    }

    private Event fenceOther(int epoch, String reason) {
      long now = cluster.clock.nanos();
      if (othersEpoch != epoch) {
        othersEpoch = epoch;
        othersUntilNanos = now + StartPlan.ACCEPT_WITHIN.toNanos();
      } else if (now >= othersUntilNanos) {
        Optional<Integer> fenced = store.fenceUntaken(egress.id, epoch, id(), reason);
        if (fenced.isPresent()) {
          book.fence(egress.id, fenced.get(), reason);
          return new Event.Fenced(fenced.get());
        }
      }
      return new Event.StoreAway("another controller looks for a node");
    }
  }

  // ---- lost egresses

  private void sweep() {
    try {
      placements.owed().pay(store);
      for (Move move : reconciler.sweep(store.unfinished())) {
        move(move);
      }
    } catch (StoreException away) {
      book.storeReachable(false);
    }
  }

  private void move(Move move) {
    String egressId = move.egress().info().getEgressId();
    Egress egress = cluster.egress(egressId);
    Optional<Integer> epoch = store.fenceFrom(egressId, move.egress().epoch(), id(), move.reason());
    if (epoch.isEmpty() || !placements.begin(egressId)) {
      return;
    }
    cluster.moved++;
    if (move.verdict() == LostEgress.Verdict.END) {
      end(egress, epoch.get());
      placements.end(egressId);
      return;
    }
    Placing placing = new Placing(egress, cluster.clock.nanos() + WAIT_FOR_NODE.toNanos());
    placing.over =
        state -> {
          if (state instanceof State.Failed(int newest, String _)) {
            end(egress, newest);
          }
          placements.end(egressId);
        };
    placing.follow(StartPlan.begin(epoch.get()));
  }

  /** Tells whoever has an ended egress to stop. */
  private final class Stops implements RpcClient {
    @Override
    public <Q extends Message, R extends Message> R call(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      for (SimulatedNode node : cluster.nodes) {
        cluster.network.send(endpoint, node.endpoint, () -> node.drop(topic, Integer.MAX_VALUE));
      }
      throw new RpcException(RpcCode.UNAVAILABLE, "the answer is not waited for");
    }

    @Override
    public <Q extends Message, R extends Message> List<R> callAll(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      throw new UnsupportedOperationException("nobody asks all");
    }

    @Override
    public void close() {}
  }
}
