package io.spillway.app.controller;

import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.process.Shared;
import io.spillway.controller.Controller;
import io.spillway.controller.ControllerHooks;
import io.spillway.controller.ControllerSettings;
import io.spillway.controller.alert.AlertSettings;
import io.spillway.controller.api.ApiSettings;
import io.spillway.controller.dashboard.DashboardSettings;
import io.spillway.controller.dispatch.DispatchSettings;
import io.spillway.controller.frontdoor.DoorBus;
import io.spillway.controller.frontdoor.DoorReports;
import io.spillway.controller.repair.Supervisor;
import io.spillway.controller.session.SessionSettings;
import io.spillway.controller.status.ProgressSource;
import io.spillway.controller.webhook.EventFilter;
import io.spillway.controller.webhook.WebhookRouter;
import io.spillway.controller.webhook.WebhookSettings;
import io.spillway.core.token.ApiKeys;
import io.spillway.storage.seal.Seal;
import io.spillway.storage.seal.SealKeys;
import io.spillway.store.ControllerStore;
import io.spillway.store.outbox.EventRouter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Function;

/** A controller with its store, put together from a configuration for a bus. */
public final class ControlHalf implements AutoCloseable {
  private final SpillwayConfig config;
  private final ControllerStore store;
  private final Controller controller;

  /**
   * What differs between one alone and one among others.
   *
   * @param opening opens the store, whose events go to the router that it is given
   * @param secrets seal stored requests; empty: a key file in the data folder
   * @param progress of recordings in this process
   * @param supervisor starts and ends nodes; closed with the controller
   * @param frontDoor to a livekit-server, if there is one
   */
  public record Setting(
      Function<EventRouter, ControllerStore> opening,
      Optional<SealKeys> secrets,
      ControllerSettings.Fleet fleet,
      ProgressSource progress,
      String version,
      Supervisor supervisor,
      Optional<FrontDoor> frontDoor) {}

  /**
   * The livekit-server whose egress node it is.
   *
   * @param ownWebhooks whether we send webhooks beside livekit-server's
   */
  public record FrontDoor(DoorBus bus, boolean ownWebhooks) {}

  /** Opens the store; {@link Controller#start} begins to serve. */
  public ControlHalf(SpillwayConfig config, Setting setting, Shared<?> parts) {
    this.config = config;
    ApiKeys keys = config.apiKeys();
    WebhookRouter webhooks = router(setting, keys);
    Sealer sealer = new Sealer(new Seal(secrets(setting, parts.random()), parts.random()));
    store = setting.opening().apply(webhooks);
    try {
      controller =
          new Controller(
              settings(keys, setting),
              new ControllerHooks(
                  setting.progress(),
                  sealer,
                  parts.metrics().registry(),
                  parts.rpcMetrics(),
                  webhooks,
                  parts.metrics()::text,
                  setting.supervisor(),
                  setting.frontDoor().map(FrontDoor::bus)),
              store,
              parts.bus(),
              parts.time(),
              parts.random());
    } catch (RuntimeException failed) {
      store.close();
      throw failed;
    }
  }

  private WebhookRouter router(Setting setting, ApiKeys keys) {
    WebhookSettings settings = webhookSettings(config.webhooks());
    return setting
        .frontDoor()
        .map(door -> WebhookRouter.telling(DoorReports.TARGET, door.ownWebhooks(), settings, keys))
        .orElseGet(() -> new WebhookRouter(settings, keys));
  }

  /**
   * Goes on with another configuration's keys, webhooks and alerts.
   *
   * @throws IllegalArgumentException when they don't fit together; nothing is changed then
   */
  public void reload(SpillwayConfig newer) {
    controller.reload(
        newer.apiKeys(), webhookSettings(newer.webhooks()), alertSettings(newer.alerts()));
  }

  /** The controller. */
  public Controller controller() {
    return controller;
  }

  /** Its store. */
  public ControllerStore store() {
    return store;
  }

  /** Where the API is served, once it is. */
  public URI address() {
    String host = config.bindAddress().equals("0.0.0.0") ? "127.0.0.1" : config.bindAddress();
    return URI.create("http://" + host + ":" + controller.port());
  }

  private ControllerSettings settings(ApiKeys keys, Setting setting) {
    URI livekit = URI.create(config.livekitUrl());
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
            setting.version()),
        new DispatchSettings(
            livekit,
            config.clusterId(),
            config.startTimeout(),
            dispatch.stopTimeout(),
            dispatch.stopTries()),
        config.historyRetention(),
        dashboardSettings(),
        alertSettings(config.alerts()),
        setting.fleet());
  }

  private static AlertSettings alertSettings(SpillwayConfig.Alerts alerts) {
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

  private SealKeys secrets(Setting setting, SecureRandom random) {
    return setting
        .secrets()
        .orElseGet(() -> {
          try {
            return SealKeys.ofFile(config.dataDir().resolve("secrets.key"), random);
          } catch (IOException unreadable) {
            throw new UncheckedIOException(
                "could not read or make the key file in " + config.dataDir(), unreadable);
          }
        });
  }

  /** Closes the controller, then the store. */
  @Override
  public void close() {
    try (store) {
      controller.close();
    }
  }
}
