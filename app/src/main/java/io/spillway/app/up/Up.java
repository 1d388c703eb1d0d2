package io.spillway.app.up;

import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.node.MetricsText;
import io.spillway.app.node.NodeHalf;
import io.spillway.controller.Controller;
import io.spillway.controller.ControllerHooks;
import io.spillway.controller.ControllerSettings;
import io.spillway.controller.alert.AlertSettings;
import io.spillway.controller.api.ApiSettings;
import io.spillway.controller.dashboard.DashboardSettings;
import io.spillway.controller.dispatch.DispatchSettings;
import io.spillway.controller.dispatch.RequestSealer;
import io.spillway.controller.session.SessionSettings;
import io.spillway.controller.status.LostEgresses;
import io.spillway.controller.status.ProgressSource;
import io.spillway.controller.webhook.EventFilter;
import io.spillway.controller.webhook.WebhookRouter;
import io.spillway.controller.webhook.WebhookSettings;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.ApiKeys;
import io.spillway.node.Node;
import io.spillway.node.RpcConduct;
import io.spillway.node.fleet.LeaseSender;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.storage.seal.Seal;
import io.spillway.storage.seal.SealKeys;
import io.spillway.store.ControllerStore;
import io.spillway.store.sql.EgressStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code spillway up}: a controller and a node that meet on a memory bus, over an embedded store.
 * The whole graph is built here, top to bottom; what is opened is closed in the reverse order.
 */
public final class Up implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Up.class);

  private final SpillwayConfig config;
  private final Duration endWait;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final TimeSource time;
  private final ControllerStore store;
  private final Node node;
  private final Controller controller;
  private final LeaseSender leases;

  /**
   * Opens everything and serves nothing yet.
   *
   * @param endWait how long {@link #close} lets recordings finish their files
   */
  public Up(
      SpillwayConfig config,
      TimeSource time,
      SecureRandom random,
      String version,
      Duration endWait) {
    this.config = config;
    this.endWait = endWait;
    this.time = time;
    try {
      ApiKeys keys =
          new ApiKeys(
              config.keys().entrySet().stream()
                  .map(entry -> new ApiKey(entry.getKey(), entry.getValue()))
                  .toList());
      URI livekit = URI.create(config.livekitUrl());
      RpcMetrics rpcMetrics = new RpcMetrics();
      MetricsText metrics = new MetricsText();
      rpcMetrics.registerOn(metrics.registry());

      WebhookRouter webhooks = new WebhookRouter(webhookSettings(config.webhooks()), keys);
      store = open(EgressStores.sqlite(config.dataDir(), time, webhooks));
      MemoryBus bus = open(new MemoryBus(rpcMetrics));
      NodeHalf half =
          open(
              new NodeHalf(
                  config,
                  RpcConduct.alone(),
                  keys.signing(),
                  new NodeHalf.Parts(bus, rpcMetrics, metrics, time, random)));
      node = half.node();
      ControllerHooks hooks =
          new ControllerHooks(
              this::progress,
              sealer(random),
              metrics.registry(),
              rpcMetrics,
              webhooks,
              metrics::text);
      controller =
          open(
              new Controller(
                  controllerSettings(keys, livekit, version), hooks, store, bus, time, random));
      leases =
          open(
              new LeaseSender(
                  number -> node.lease(number, "", version),
                  node::obey,
                  List.of(controller.fleet()::renew),
                  time,
                  task -> Thread.ofVirtual().name("lease").start(task)));
    } catch (RuntimeException failed) {
      closeOpened();
      throw failed;
    }
  }

  /**
   * The controller listens first: a node's first act is to tell what an earlier process left. What
   * that process stored and nobody has is ended then.
   */
  public void start() {
    LostEgresses lost = LostEgresses.of(store, time);
    controller.start();
    node.start();
    leases.start();
    // Read twice: an egress that goes from recovery to recording during one reading may be missed
    // by it, and a recording must not be taken for lost.
    Set<String> known = new HashSet<>(node.knownEgresses());
    known.addAll(node.knownEgresses());
    int ended = lost.end(known);
    LOG.atInfo().addKeyValue("known", known.size()).addKeyValue("lost", ended).log("up");
  }

  /** Where the API is served. */
  public URI address() {
    String host = config.bindAddress().equals("0.0.0.0") ? "127.0.0.1" : config.bindAddress();
    return URI.create("http://" + host + ":" + controller.port());
  }

  /** Finishes every file and tells its status, within the wait; then closes all. */
  @Override
  public void close() {
    try {
      node.shutDown(endWait);
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    closeOpened();
  }

  private void closeOpened() {
    while (!opened.isEmpty()) {
      AutoCloseable last = opened.pop();
      try {
        last.close();
      } catch (Exception failed) {
        // The others must be closed all the same: a store that stays open loses its lock file.
        LOG.atError()
            .addKeyValue("part", last.getClass().getSimpleName())
            .setCause(failed)
            .log("could not be closed");
      }
    }
  }

  private <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  private ControllerSettings controllerSettings(ApiKeys keys, URI livekit, String version) {
    ApiSettings api = ApiSettings.of(keys);
    DispatchSettings dispatch = DispatchSettings.of(livekit);
    return new ControllerSettings(
        new ApiSettings(
            config.bindAddress(),
            config.port(),
            keys,
            api.bodyLimitBytes(),
            api.bodyTimeout(),
            api.idleTimeout(),
            api.connectionLimit(),
            api.closeTimeout(),
            version),
        new DispatchSettings(
            livekit,
            config.clusterId(),
            config.startTimeout(),
            dispatch.stopTimeout(),
            dispatch.stopTries()),
        config.historyRetention(),
        dashboardSettings(),
        alertSettings());
  }

  private AlertSettings alertSettings() {
    SpillwayConfig.Alerts alerts = config.alerts();
    return new AlertSettings(
        alerts.alertmanager(), alerts.webhook(), alerts.dashboard(), alerts.latencyTarget());
  }

  private DashboardSettings dashboardSettings() {
    SpillwayConfig.Dashboard dashboard = config.dashboard();
    return new DashboardSettings(
        dashboard.enabled(),
        new SessionSettings(
            dashboard.viewerToken(), dashboard.adminToken(), dashboard.sessionLife()),
        DashboardSettings.USUAL_CLIENTS);
  }

  private static WebhookSettings webhookSettings(SpillwayConfig.Webhooks config) {
    return WebhookSettings.of(
        config.apiKey(),
        config.urls(),
        new EventFilter(config.includeEvents(), config.excludeEvents()));
  }

  private RequestSealer sealer(SecureRandom random) {
    try {
      Seal seal =
          new Seal(SealKeys.ofFile(config.dataDir().resolve("secrets.key"), random), random);
      return new Sealer(seal);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(
          "could not read or make the key file in " + config.dataDir(), unreadable);
    }
  }

  private Map<String, ProgressSource.Progress> progress() {
    Map<String, ProgressSource.Progress> out = new HashMap<>();
    node.progress()
        .forEach((egress, far) ->
            out.put(egress, new ProgressSource.Progress(far.seconds(), far.bytes())));
    return out;
  }
}
