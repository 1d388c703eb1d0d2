package io.spillway.app.up;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.spillway.node.Node;
import io.spillway.node.NodeSettings;
import io.spillway.rtc.RtcEngine;
import java.util.function.DoubleSupplier;

/**
 * Exports how busy a node is and whether its statuses get through: under livekit/egress's names
 * where it has them (pkg/stats/monitor_prom.go), so that its dashboards go on. Reads only when
 * scraped.
 */
final class NodeMetrics {
  private final PrometheusRegistry registry;
  private final Labels labels;

  private NodeMetrics(PrometheusRegistry registry, Labels labels) {
    this.registry = registry;
    this.labels = labels;
  }

  /** Once per registry. */
  static void register(
      PrometheusRegistry registry,
      NodeSettings settings,
      Node node,
      RtcEngine rtc,
      KernelDropCount kernelDrops) {
    NodeMetrics metrics =
        new NodeMetrics(
            registry, Labels.of("node_id", settings.nodeId(), "cluster_id", settings.clusterId()));
    metrics.gauge(
        "livekit_egress_available",
        "1 when nothing is recorded",
        () -> node.progress().isEmpty() ? 1 : 0);
    metrics.gauge(
        "livekit_egress_can_accept_request",
        "1 when a start would be taken now",
        () -> node.acceptsRequests() ? 1 : 0);
    metrics.requests(node);
    metrics.gauge("spillway_recordings", "Recordings under way", () -> node.progress().size());
    metrics.gauge(
        "spillway_statuses_waiting",
        "Statuses that no controller has acknowledged",
        node::statusesWaiting);
    metrics.gauge(
        "spillway_status_oldest_age_seconds",
        "How long the oldest of them waits",
        () -> node.oldestStatusAge().toNanos() / 1e9);
    metrics.gauge(
        "spillway_media_joins_waiting",
        "Joins that wait for their turn",
        () -> rtc.stats().joinsWaiting());
    CounterWithCallback.builder()
        .name("spillway_media_kernel_drops")
        .help("UDP datagrams that the kernel dropped at full receive buffers, sampled")
        .constLabels(metrics.labels)
        .callback(sample -> sample.call((double) kernelDrops.total()))
        .register(registry);
  }

  private void requests(Node node) {
    GaugeWithCallback.builder()
        .name("livekit_egress_requests")
        .help("Requests under way by type")
        .constLabels(labels)
        .labelNames("type")
        .callback(sample -> sample.call(node.progress().size(), "track"))
        .register(registry);
  }

  private void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .constLabels(labels)
        .callback(sample -> sample.call(value.getAsDouble()))
        .register(registry);
  }
}
