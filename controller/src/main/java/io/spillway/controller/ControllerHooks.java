package io.spillway.controller;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.alert.FleetView;
import io.spillway.controller.dispatch.RequestSealer;
import io.spillway.controller.status.ProgressSource;
import io.spillway.rpc.RpcMetrics;
import java.util.function.Supplier;

/**
 * What the program around a controller lends it.
 *
 * @param progress of the egresses that run
 * @param fleet the nodes as they are judged
 * @param sealer makes requests fit to be stored
 * @param metrics where the controller counts
 * @param rpc where its psrpc clients and server count
 * @param metricsText what {@code /metrics} answers, in Prometheus' text format
 */
public record ControllerHooks(
    ProgressSource progress,
    FleetView fleet,
    RequestSealer sealer,
    PrometheusRegistry metrics,
    RpcMetrics rpc,
    Supplier<String> metricsText) {
  /** Nothing lent: no progress, no stored requests, counters that nobody reads. */
  public static ControllerHooks none() {
    return new ControllerHooks(
        ProgressSource.none(),
        FleetView.none(),
        RequestSealer.none(),
        new PrometheusRegistry(),
        new RpcMetrics(),
        () -> "");
  }
}
