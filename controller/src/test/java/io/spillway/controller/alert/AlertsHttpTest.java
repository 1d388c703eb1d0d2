package io.spillway.controller.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.status.ProgressSource;
import io.spillway.core.alert.Starts;
import io.spillway.core.fleet.Health;
import io.spillway.core.time.SystemTime;
import io.spillway.store.ControllerStore;
import io.spillway.store.sql.EgressStores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Alerts from running judgements to real HTTP receivers. */
final class AlertsHttpTest {
  @TempDir Path folder;
  private final List<JsonNode> managed = new CopyOnWriteArrayList<>();
  private final List<JsonNode> hooked = new CopyOnWriteArrayList<>();
  private final AtomicInteger refusals = new AtomicInteger();
  private HttpServer receiver;
  private final SystemTime time = new SystemTime();
  private final PrometheusRegistry metrics = new PrometheusRegistry();
  private final List<NodeState> nodes = new CopyOnWriteArrayList<>();
  private ControllerStore store;
  private Alerts alerts;
  private WatchLoop watch;

  @BeforeEach
  void open() throws Exception {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/am/api/v2/alerts", exchange -> answer(exchange, managed));
    receiver.createContext("/hook", exchange -> answer(exchange, hooked));
    receiver.start();
    String base = "http://user:word@127.0.0.1:" + receiver.getAddress().getPort();
    store = EgressStores.sqlite(folder, time);
    Starts starts = new Starts(Duration.ofSeconds(2));
    EgressWatch egresses = new EgressWatch(store, starts, time);
    alerts =
        new Alerts(
            new AlertSettings(
                Optional.of(URI.create(base + "/am")),
                Optional.of(URI.create(base + "/hook")),
                Optional.of(URI.create("https://spillway.example.com/dashboard/")),
                Duration.ofSeconds(2)),
            new Alerts.Parts(
                egresses,
                starts,
                ProgressSource.none(),
                () -> List.copyOf(nodes),
                store.outbox(),
                List::of),
            metrics,
            time,
            new Random(1));
    watch = new WatchLoop(egresses, List.of(_ -> alerts.judge()), time);
    alerts.start();
    watch.start();
  }

  private void answer(HttpExchange exchange, List<JsonNode> into) throws IOException {
    JsonNode body = JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
    String user = exchange.getRequestHeaders().getFirst("Authorization");
    boolean refused = user == null || refusals.getAndDecrement() > 0;
    if (!refused) {
      into.add(body);
    }
    exchange.sendResponseHeaders(refused ? 503 : 200, -1);
    exchange.close();
  }

  @AfterEach
  void close() {
    watch.close();
    alerts.close();
    store.close();
    time.close();
    receiver.stop(0);
  }

  @Test
  void afterAReloadAnotherReceiverIsToldWhatStandsAndTheOldOneNothingMore() throws Exception {
    nodes.add(node(Health.WEDGED));
    Awaitility.await().atMost(Duration.ofSeconds(15)).until(() -> !hooked.isEmpty());
    List<JsonNode> elsewhere = new CopyOnWriteArrayList<>();
    receiver.createContext("/new", exchange -> answer(exchange, elsewhere));
    String address = "http://user:word@127.0.0.1:" + receiver.getAddress().getPort() + "/new";
    alerts.replace(
        new AlertSettings(
            Optional.empty(),
            Optional.of(URI.create(address)),
            Optional.empty(),
            Duration.ofSeconds(1)));
    int before = hooked.size();
    Awaitility.await().atMost(Duration.ofSeconds(15)).until(() -> !elsewhere.isEmpty());
    assertThat(elsewhere.getFirst().toString()).contains("SpillwayNodeWedged");
    nodes.add(node("NE_2", Health.WEDGED));
    Awaitility.await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> elsewhere.stream().anyMatch(told -> told.toString().contains("NE_2")));
    assertThat(hooked).hasSize(before);
  }

  private static NodeState node(Health health) {
    return node("NE_1", health);
  }

  private static NodeState node(String id, Health health) {
    return new NodeState(
        id,
        "spillway",
        "eu",
        "1.2.3",
        health,
        "",
        Optional.of(Duration.ofSeconds(1)),
        Optional.empty(),
        0,
        Duration.ZERO,
        new NodeState.Load(4, 0.5, 0.8, 0, 0, 0, 0),
        true,
        List.of());
  }

  @Test
  void aWedgedNodeIsToldToAlertmanagerTheWebhookAndTheDashboard() throws Exception {
    nodes.add(node(Health.WEDGED));

    Awaitility.await().until(() -> !managed.isEmpty() && !hooked.isEmpty());

    JsonNode alert = managed.getFirst().path(0);
    assertThat(alert.path("labels").toString())
        .isEqualTo(
            "{\"alertname\":\"SpillwayNodeWedged\",\"severity\":\"critical\","
                + "\"service\":\"spillway\",\"subject\":\"NE_1\"}");
    assertThat(alert.path("annotations").path("summary").asString(""))
        .startsWith("Node NE_1 in eu is wedged");
    assertThat(alert.path("annotations").path("runbook").asString(""))
        .isEqualTo("docs/alerts.md#node-wedged");
    assertThat(alert.path("endsAt").asString(""))
        .isGreaterThan(alert.path("startsAt").asString(""));
    JsonNode hook = hooked.getFirst();
    assertThat(hook.path("version").asString("")).isEqualTo("4");
    assertThat(hook.path("status").asString("")).isEqualTo("firing");
    assertThat(hook.path("alerts")).hasSize(1);
    assertThat(metrics.scrape().stream().map(one -> one.getMetadata().getName()))
        .contains("spillway_alerts_firing", "spillway_alert_sends");
  }

  @Test
  void aReceiverThatWasAwayIsToldTheStateOfNow() {
    refusals.set(4);
    nodes.add(node(Health.GONE));

    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !managed.isEmpty() && !hooked.isEmpty());

    assertThat(hooked).hasSize(1);
    assertThat(
            hooked.getFirst().path("alerts").path(0).path("labels").path("alertname").asString(""))
        .isEqualTo("SpillwayNodeLost");
  }
}
