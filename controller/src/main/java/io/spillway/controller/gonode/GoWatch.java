package io.spillway.controller.gonode;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.core.fleet.Health;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.rpc.ListActiveEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressResponse;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcClient.From;
import io.spillway.rpc.RpcException;
import io.spillway.store.StoreException;
import io.spillway.store.fleet.NodeBook;
import io.spillway.store.fleet.NodeRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks every two seconds which livekit/egress nodes are there and what they have, and passes
 * changes of their health on. One message, and an answer of each, whatever the load.
 */
public final class GoWatch implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(2);
  private static final Duration ANSWER_WITHIN = Duration.ofMillis(800);
  private static final String KIND = "go";
  private static final Logger LOG = LoggerFactory.getLogger(GoWatch.class);

  private final GoBook book;
  private final RpcClient nodes;
  private final Set<String> topics;
  private final BooleanSupplier blind;
  private final NodeBook history;
  private final TimeSource time;
  private final Executor executor;
  private final AtomicReference<TimeSource.Timer> timer = new AtomicReference<>(() -> {});
  private volatile boolean closed;

  /**
   * Asks nobody before {@link #start}.
   *
   * @param nodes a client of EgressInternal
   * @param cluster the nodes' {@code cluster_id}; livekit/egress lists on the empty topic always
   * @param blind whether this controller judges nobody
   * @param executor where a poll and the history may block, on a virtual thread
   */
  public GoWatch(
      GoBook book,
      RpcClient nodes,
      String cluster,
      BooleanSupplier blind,
      NodeBook history,
      PrometheusRegistry metrics,
      TimeSource time,
      Executor executor) {
    this.book = book;
    this.nodes = nodes;
    this.topics = new TreeSet<>(List.of("", cluster));
    this.blind = blind;
    this.history = history;
    this.time = time;
    this.executor = executor;
    GaugeWithCallback.builder()
        .name("spillway_go_nodes")
        .help("livekit/egress nodes that this controller knows, by health")
        .labelNames("health")
        .callback(sample -> {
          List<GoNodeView> known = book.nodes();
          for (Health health : Health.values()) {
            sample.call(
                Math.toIntExact(known.stream().filter(node -> node.health() == health).count()),
                health.name().toLowerCase(Locale.ROOT));
          }
        })
        .register(metrics);
    GaugeWithCallback.builder()
        .name("spillway_go_recordings")
        .help("Egresses that livekit/egress nodes listed last")
        .callback(sample -> sample.call(recordings(book)))
        .register(metrics);
  }

  private static int recordings(GoBook book) {
    return book.nodes().stream().mapToInt(GoNodeView::egresses).sum();
  }

  /** Asks from now on, unless there are to be none. */
  public void start() {
    if (book.mode() != GoNodes.NEVER) {
      executor.execute(this::pollAndGoOn);
    }
  }

  private void pollAndGoOn() {
    if (closed) {
      return;
    }
    try {
      poll();
    } catch (RuntimeException defect) {
      LOG.atError().setCause(defect).log("defect while looking for livekit/egress nodes");
    } finally {
      if (!closed) {
        timer.set(time.after(EVERY, () -> executor.execute(this::pollAndGoOn)));
      }
    }
  }

  private void poll() {
    try {
      Map<String, Set<String>> byServer = new HashMap<>();
      for (String topic : topics) {
        ask(topic, byServer);
      }
      if (blind.getAsBoolean()) {
        book.blind();
      } else {
        book.listed(byServer);
      }
    } catch (RpcException notAsked) {
      book.blind();
      LOG.atDebug().setCause(notAsked).log("livekit/egress nodes could not be asked");
    }
    book.changes().forEach(this::tell);
  }

  private void ask(String topic, Map<String, Set<String>> byServer) {
    List<From<ListActiveEgressResponse>> answers =
        nodes.callEach(
            EgressServices.LIST_ACTIVE_EGRESS,
            topic,
            ListActiveEgressRequest.getDefaultInstance(),
            CallOptions.within(ANSWER_WITHIN));
    for (From<ListActiveEgressResponse> each : answers) {
      byServer
          .computeIfAbsent(each.serverId(), _ -> new HashSet<>())
          .addAll(each.answer().getEgressIdsList());
    }
  }

  private void tell(GoBook.Change change) {
    GoNodeView node = change.node();
    LOG.atInfo()
        .addKeyValue("node", node.serverId())
        .addKeyValue("client", node.clientId())
        .addKeyValue("before", change.before())
        .addKeyValue("health", node.health())
        .addKeyValue("ejected", node.ejected())
        .addKeyValue("reason", node.reason())
        .log("livekit/egress node judged");
    try {
      boolean _ =
          history.put(
              new NodeRecord(
                  node.serverId(), KIND, "", "", 0, node.health().name(), node.reason()));
    } catch (StoreException away) {
      LOG.atWarn()
          .addKeyValue("node", node.serverId())
          .setCause(away)
          .log("a change of a node's health is only in the log");
    }
  }

  @Override
  public void close() {
    closed = true;
    timer.get().cancel();
  }
}
