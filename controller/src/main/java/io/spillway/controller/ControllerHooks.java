package io.spillway.controller;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.dispatch.RequestSealer;
import io.spillway.controller.frontdoor.DoorBus;
import io.spillway.controller.repair.Supervisor;
import io.spillway.controller.status.ProgressSource;
import io.spillway.controller.webhook.WebhookRouter;
import io.spillway.controller.webhook.WebhookSettings;
import io.spillway.core.token.ApiKeys;
import io.spillway.rpc.RpcMetrics;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the program around a controller lends it.
 *
 * @param progress of the egresses that run
 * @param sealer makes requests fit to be stored
 * @param metrics where the controller counts
 * @param rpc where its psrpc clients and server count
 * @param webhooks who hears of events; the one that the store was opened with
 * @param metricsText what {@code /metrics} answers, in Prometheus' text format
 * @param supervisor starts and ends nodes for the controller, which closes it
 * @param frontDoor the Redis of a livekit-server whose egress node this controller is
 */
public record ControllerHooks(
    ProgressSource progress,
    RequestSealer sealer,
    PrometheusRegistry metrics,
    RpcMetrics rpc,
    WebhookRouter webhooks,
    Supplier<String> metricsText,
    Supervisor supervisor,
    Optional<DoorBus> frontDoor) {
  /**
   * Without a supervisor (nodes are repaired by people, past what they can do themselves) and
   * without a front door.
   */
  public ControllerHooks(
      ProgressSource progress,
      RequestSealer sealer,
      PrometheusRegistry metrics,
      RpcMetrics rpc,
      WebhookRouter webhooks,
      Supplier<String> metricsText) {
    this(
        progress, sealer, metrics, rpc, webhooks, metricsText, Supervisor.none(), Optional.empty());
  }

  /** Nothing lent: no progress, no stored requests, counters that nobody reads, no webhooks. */
  public static ControllerHooks none(ApiKeys keys) {
    return new ControllerHooks(
        ProgressSource.none(),
        RequestSealer.none(),
        new PrometheusRegistry(),
        new RpcMetrics(),
        new WebhookRouter(WebhookSettings.none(), keys),
        () -> "");
  }
}
