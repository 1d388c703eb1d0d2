package io.spillway.controller.fleet;

import com.google.protobuf.InvalidProtocolBufferException;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.core.fleet.Health;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.fleet.CanaryAnswer;
import io.spillway.protocol.fleet.CanaryRequest;
import io.spillway.protocol.fleet.GoNodeSight;
import io.spillway.protocol.fleet.LeaseReport;
import io.spillway.protocol.fleet.Presence;
import io.spillway.protocol.fleet.ProbeAnswer;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.fleet.FleetMethods;
import io.spillway.rpc.fleet.LeaseMessages;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What moves the {@link FleetBook}: takes leases, sends canaries, tells the other controllers that
 * this one lives, judges twice a second and passes changes on. Decides nothing itself.
 */
public final class FleetService implements AutoCloseable {
  /** The channel on which controllers hear each other and themselves. */
  static final String PRESENCE = "Spillway|Presence";

  private static final Duration JUDGE_EVERY = Duration.ofMillis(500);

  /** Any bid is taken at once: on a node's own topic nobody else bids. */
  private static final float ANY_BID = 0.001f;

  private static final Logger LOG = LoggerFactory.getLogger(FleetService.class);

  private final FleetSettings settings;
  private final FleetBook book;
  private final RpcClient nodes;
  private final MessageBus bus;
  private final NodeHistory history;
  private final GoNews goNews;
  private final TimeSource time;
  private final Executor executor;
  private final Counter canaries;
  private final Map<String, Boolean> underWay = Collections.synchronizedMap(new HashMap<>());
  private final AtomicLong canaryNumber = new AtomicLong();
  private final AtomicReference<TimeSource.Timer> judging = new AtomicReference<>(() -> {});
  private final AtomicReference<TimeSource.Timer> sending = new AtomicReference<>(() -> {});
  private final AtomicBoolean probing = new AtomicBoolean();
  private volatile Optional<MessageBus.Subscription> presence = Optional.empty();
  private volatile boolean closed;

  /** Where changes of health are kept. */
  public interface NodeHistory {
    /** Keeps a change. May block, on a thread of its own. */
    void changed(HealthChange change);

    /** Whether changes could be kept now. May block, on a thread of its own. */
    boolean reachable();

    /** Keeps nothing. */
    static NodeHistory none() {
      return new NodeHistory() {
        @Override
        public void changed(HealthChange change) {}

        @Override
        public boolean reachable() {
          return true;
        }
      };
    }
  }

  /** What controllers tell each other of livekit/egress nodes. Never blocks. */
  public interface GoNews {
    /** What this one has to tell. */
    List<GoNodeSight> sights();

    /** What another one tells. */
    void told(List<GoNodeSight> sights);

    /** Where there are none. */
    static GoNews none() {
      return new GoNews() {
        @Override
        public List<GoNodeSight> sights() {
          return List.of();
        }

        @Override
        public void told(List<GoNodeSight> sights) {}
      };
    }
  }

  /**
   * Sends nothing before {@link #start}.
   *
   * @param nodes a client of EgressInternal
   * @param executor where canaries and the history may block, a virtual thread each
   */
  public FleetService(
      FleetSettings settings,
      FleetBook book,
      RpcClient nodes,
      MessageBus bus,
      NodeHistory history,
      GoNews goNews,
      PrometheusRegistry metrics,
      TimeSource time,
      Executor executor) {
    this.settings = settings;
    this.book = book;
    this.nodes = nodes;
    this.bus = bus;
    this.history = history;
    this.goNews = goNews;
    this.time = time;
    this.executor = executor;
    this.canaries =
        Counter.builder()
            .name("spillway_canaries")
            .help("Canaries to nodes, by what became of them")
            .labelNames("result")
            .register(metrics);
    GaugeWithCallback.builder()
        .name("spillway_nodes")
        .help("Nodes that this controller knows, by health")
        .labelNames("health")
        .callback(sample -> {
          for (Health health : Health.values()) {
            sample.call(
                Collections.frequency(book.healths(), health),
                health.name().toLowerCase(Locale.ROOT));
          }
        })
        .register(metrics);
    GaugeWithCallback.builder()
        .name("spillway_fleet_blind")
        .help("1 while this controller judges nobody: it doesn't hear itself, or lacks the store")
        .callback(sample -> sample.call(book.isBlind() ? 1 : 0))
        .register(metrics);
  }

  /** Answers the nodes' probes on {@code reports}, a server of IOInfo, which stays the caller's. */
  public void serveOn(RpcServer reports) {
    var answer =
        ProbeAnswer.newBuilder().setFormat(1).setControllerId(settings.controllerId()).build();
    reports.serve(FleetMethods.PROBE, "", (request, context) -> answer);
  }

  /** Begins to listen, to send and to judge. */
  public void start() {
    presence = Optional.of(bus.subscribe(PRESENCE, false, this::presenceCame));
    send();
    judge();
  }

  private void presenceCame(byte[] payload) {
    try {
      Presence presence = Presence.parseFrom(payload);
      book.heard(presence);
      if (!presence.getControllerId().equals(settings.controllerId())) {
        goNews.told(presence.getGoNodesList());
      }
    } catch (InvalidProtocolBufferException notOurs) {
      LOG.atDebug().setCause(notOurs).log("a message on the presence channel can't be read");
    }
  }

  /**
   * A node's lease as it came over HTTP; the answer's bytes.
   *
   * @throws IllegalArgumentException when it can't be read
   */
  public byte[] lease(byte[] body) {
    Lease lease;
    try {
      lease = LeaseMessages.lease(LeaseReport.parseFrom(body));
    } catch (InvalidProtocolBufferException damaged) {
      throw new IllegalArgumentException(
          "the lease can't be read: " + damaged.getMessage(), damaged);
    }
    return LeaseMessages.answer(settings.controllerId(), renew(lease)).toByteArray();
  }

  /** A node's lease, of this process or another; the orders for it. */
  public List<LeaseOrder> renew(Lease lease) {
    boolean isNew = lease.number() == 1;
    List<LeaseOrder> orders = book.renew(lease);
    if (isNew) {
      canary(lease.nodeId()); // it gets work as soon as it has proved itself
    }
    return orders;
  }

  private void send() {
    if (closed) {
      return;
    }
    sending.set(time.after(settings.canaryEvery(), this::send));
    try {
      Presence presence = book.presence().toBuilder().addAllGoNodes(goNews.sights()).build();
      bus.publish(PRESENCE, presence.toByteArray());
    } catch (RpcException full) {
      LOG.atWarn().setCause(full).log("this controller could not tell that it lives");
    }
    book.canariesDue().forEach(this::canary);
    if (probing.compareAndSet(false, true)) {
      executor.execute(this::probeStore);
    }
  }

  private void probeStore() {
    try {
      book.storeReachable(history.reachable());
    } finally {
      probing.set(false);
    }
  }

  private void canary(String nodeId) {
    if (!closed && underWay.putIfAbsent(nodeId, true) == null) {
      executor.execute(() -> sendCanary(nodeId));
    }
  }

  private void sendCanary(String nodeId) {
    try {
      long number = canaryNumber.incrementAndGet();
      CallOptions options =
          CallOptions.within(settings.canaryWithin())
              .withAffinity(ANY_BID, Duration.ZERO)
              .withMetadata(Map.of(FleetMethods.CANARY_METADATA, settings.controllerId()));
      CanaryAnswer answer =
          nodes.call(
              FleetMethods.CANARY,
              nodeId,
              CanaryRequest.newBuilder()
                  .setFormat(1)
                  .setControllerId(settings.controllerId())
                  .setNumber(number)
                  .build(),
              options);
      boolean whole = answer.getNodeId().equals(nodeId) && answer.getNumber() == number;
      count(nodeId, whole, Duration.ofMillis(answer.getOldestStatusMillis()));
    } catch (RpcException missed) {
      count(nodeId, false, Duration.ZERO);
      LOG.atDebug().addKeyValue("node", nodeId).setCause(missed).log("a canary did not come back");
    } finally {
      underWay.remove(nodeId);
    }
  }

  private void count(String nodeId, boolean answered, Duration oldestStatus) {
    canaries.labelValues(answered ? "answered" : "missed").inc();
    if (answered) {
      boolean again = book.canaryAnswered(nodeId, oldestStatus);
      judgeNow(); // a node that was waited for gets work at once
      if (again) {
        underWay.remove(nodeId);
        canary(nodeId);
      }
    } else {
      book.canaryMissed(nodeId);
    }
  }

  private void judge() {
    if (closed) {
      return;
    }
    judging.set(time.after(JUDGE_EVERY, this::judge));
    judgeNow();
  }

  private void judgeNow() {
    for (HealthChange change : book.judge()) {
      LOG.atInfo()
          .addKeyValue("node", change.nodeId())
          .addKeyValue("before", change.before())
          .addKeyValue("health", change.now())
          .addKeyValue("in_service", change.inService())
          .addKeyValue("reason", change.reason())
          .log("node judged");
      executor.execute(() -> history.changed(change));
    }
  }

  /** Stops sending, listening and judging; canaries under way end by their own deadline. */
  @Override
  public void close() {
    closed = true;
    judging.get().cancel();
    sending.get().cancel();
    presence.ifPresent(MessageBus.Subscription::close);
  }
}
