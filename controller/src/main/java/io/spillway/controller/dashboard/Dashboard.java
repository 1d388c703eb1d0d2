package io.spillway.controller.dashboard;

import io.javalin.config.JavalinConfig;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.status.ProgressSource.Progress;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKeys;
import io.spillway.protocol.livekit.EgressInfo;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The dashboard: pages, their JSON, and the stream of events. It has no thread of its own: {@link
 * #tell} is called once a second with what has changed. Thread-safe.
 */
public final class Dashboard implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** More changes than that at once are told as one word, and the pages read their list anew. */
  private static final int MOST_ROWS = 30;

  /** Running egresses whose progress is told each second. */
  private static final int MOST_PROGRESS = 500;

  private final DashboardParts parts;
  private final Figures figures;
  private final LiveFeed feed;
  private final DashboardRoutes routes;

  /**
   * Serves nothing before its routes are added to a server.
   *
   * @param random names this process's stream of events
   */
  public Dashboard(
      DashboardSettings settings,
      DashboardParts parts,
      ApiKeys keys,
      PrometheusRegistry metrics,
      TimeSource time,
      RandomGenerator random) {
    this.parts = parts;
    this.figures =
        new Figures(
            parts.watch(),
            parts.starts(),
            parts.fleet(),
            parts.alerts(),
            parts.replacements()::obstacles,
            time);
    this.feed =
        new LiveFeed(HexFormat.of().toHexDigits(random.nextLong()), settings.liveClients(), time);
    this.routes = new DashboardRoutes(settings, parts, figures, feed, keys, time);
    measure(metrics);
  }

  private void measure(PrometheusRegistry metrics) {
    GaugeWithCallback.builder()
        .name("spillway_dashboard_clients")
        .help("Browsers that follow the dashboard's events")
        .callback(sample -> sample.call(feed.clients()))
        .register(metrics);
    CounterWithCallback.builder()
        .name("spillway_dashboard_clients_lost")
        .help("Browsers let go for being too slow, or turned away for being too many")
        .labelNames("why")
        .callback(sample -> {
          sample.call((double) feed.dropped(), "slow");
          sample.call((double) feed.refused(), "full");
        })
        .register(metrics);
  }

  /** Adds the dashboard's routes, all below {@code /dashboard}. */
  public void addTo(JavalinConfig config) {
    routes.addTo(config);
  }

  /** Tells the browsers that look what has changed, and the present figures. Never blocks long. */
  public void tell(List<EgressInfo> changed) {
    Map<String, Progress> progress = parts.progress().progress();
    if (changed.size() > MOST_ROWS) {
      feed.publish("reset", "{}");
    } else {
      for (EgressInfo info : changed) {
        Optional<Progress> far = Optional.ofNullable(progress.get(info.getEgressId()));
        feed.publish("egress", JSON.writeValueAsString(EgressViews.row(info, far)));
      }
    }
    if (feed.clients() == 0) {
      return; // changes are kept for those who come again, the present state is not
    }
    feed.publishState("overview", JSON.writeValueAsString(figures.overview()));
    feed.publishState("nodes", JSON.writeValueAsString(figures.nodes()));
    if (!progress.isEmpty()) {
      feed.publishState("progress", JSON.writeValueAsString(progress(progress)));
    }
  }

  private static ObjectNode progress(Map<String, Progress> progress) {
    ObjectNode out = JSON.createObjectNode();
    progress.entrySet().stream()
        .limit(MOST_PROGRESS)
        .forEach(entry ->
            out.putArray(entry.getKey())
                .add(entry.getValue().seconds())
                .add(entry.getValue().bytes()));
    return out;
  }

  /** Lets the browsers go. */
  @Override
  public void close() {
    feed.close();
  }
}
