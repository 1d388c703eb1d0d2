package io.spillway.app.node;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.spillway.core.fleet.Admission;
import io.spillway.node.Node;
import io.spillway.node.NodeSettings;
import io.spillway.node.admission.CgroupMemory;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rtc.RtcEngine;
import java.time.Duration;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

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
      CgroupMemory container,
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
        () -> node.refusal().isEmpty() ? 1 : 0);
    metrics.gauge(
        "livekit_egress_is_disabled",
        "1 when requests are not claimed, for want of a working bus or because the node is to end",
        () -> node.isDraining() || !node.isProven() ? 1 : 0);
    metrics.gauge(
        "livekit_egress_is_terminating",
        "1 when the node is to end",
        () -> node.isDraining() ? 1 : 0);
    metrics.requests(node);
    metrics.load(node);
    metrics.container(node, container);
    metrics.outcomes(node);
    metrics.statuses(node);
    node.registerOn(registry);
    metrics.gauge("spillway_recordings", "Recordings under way", () -> node.progress().size());
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

  private void load(Node node) {
    GaugeWithCallback.builder()
        .name("livekit_node_cpu_load")
        .help("Share of the machine's cores in use")
        .constLabels(labels.merge(Labels.of("node_type", "EGRESS")))
        .callback(sample -> sample.call(node.machineLoad()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("livekit_load_ratio")
        .help("Share of what admission allows that is in use")
        .constLabels(labels)
        .labelNames("type")
        .callback(sample -> {
          Admission.Load load = node.load();
          Admission.Limits limits = node.limits();
          double allowed = Math.max(0.01, load.cores() * limits.maxCpuUtilization());
          sample.call((load.busyCores() + load.reservedCores()) / allowed, "cpu");
          if (limits.maxMemoryBytes() > 0) {
            sample.call(load.processMemoryBytes() / (double) limits.maxMemoryBytes(), "memory");
          }
        })
        .register(registry);
    gauge(
        "livekit_egress_proc_rss_bytes",
        "Resident memory of the process",
        () -> node.load().processMemoryBytes());
  }

  /** Absent where the kernel tells nothing, as livekit/egress has it. */
  private void container(Node node, CgroupMemory container) {
    GaugeWithCallback.builder()
        .name("livekit_egress_cgroup_memory_bytes")
        .help("Memory of the container by the kernel's account, page cache included")
        .constLabels(labels)
        .callback(sample -> container.bytes().ifPresent(bytes -> sample.call((double) bytes)))
        .register(registry);
    gauge(
        "livekit_egress_cgroup_read_success",
        "1 when the kernel tells the container's memory",
        () -> container.bytes().isPresent() ? 1 : 0);
    gauge(
        "livekit_egress_would_reject_cgroup",
        "1 when a start would be refused if admission went by the container's memory",
        () -> wouldReject(node, container) ? 1 : 0);
  }

  private static boolean wouldReject(Node node, CgroupMemory container) {
    long allowed = node.limits().maxMemoryBytes();
    long wanted =
        container.bytes().orElse(0)
            + node.load().reservedMemoryBytes()
            + node.expectedCost().memoryBytes();
    return allowed > 0 && wanted > allowed;
  }

  /** livekit/egress counts how its handler processes ended; here it is how the egresses did. */
  private void outcomes(Node node) {
    CounterWithCallback.builder()
        .name("livekit_egress_handler_results")
        .help("Egresses that ended, by result")
        .constLabels(labels)
        .labelNames("type", "result")
        .callback(sample -> {
          Map<EgressStatus, Long> ended = node.outcomes();
          sample.call(
              count(ended, EgressStatus.EGRESS_COMPLETE)
                  + count(ended, EgressStatus.EGRESS_LIMIT_REACHED),
              "track",
              "completed");
          sample.call(count(ended, EgressStatus.EGRESS_ABORTED), "track", "aborted");
          sample.call(count(ended, EgressStatus.EGRESS_FAILED), "track", "process_error");
        })
        .register(registry);
  }

  private static double count(Map<EgressStatus, Long> ended, EgressStatus status) {
    return ended.getOrDefault(status, 0L);
  }

  private void statuses(Node node) {
    gauge(
        "spillway_statuses_waiting",
        "Statuses that nobody has acknowledged yet",
        node::statusesWaiting);
    gauge(
        "spillway_status_oldest_age_seconds",
        "How long the oldest of them waits",
        () -> seconds(node.oldestStatusAge()));
    gauge(
        "spillway_bus_proof_age_seconds",
        "Age of the proof that messages get through",
        () -> seconds(node.proofAge()));
    gauge("spillway_journal_depth", "Statuses in the journal", () -> node.journal().depth());
    gauge(
        "spillway_journal_failing",
        "1 while statuses can't be written to disk and are kept in memory only",
        () -> node.journal().failing() ? 1 : 0);
    gauge(
        "spillway_journal_damaged",
        "1 when the status journal was damaged or unreadable at the start",
        () -> node.journal().damaged() ? 1 : 0);
    gauge(
        "spillway_spool_unlisted_folders",
        "Folders of the spool that can't be listed: what was left in them is not taken up yet",
        () -> node.spoolUnlisted().size());
    counter(
        "spillway_journal_syncs", "Times the journal was made safe", () -> node.journal().syncs());
    counter(
        "spillway_journal_memory_only",
        "Statuses that the disk did not take",
        () -> node.journal().memoryOnly());
    counter(
        "spillway_statuses_sent_unwritten",
        "Times that a status was sent while the disk was still at it",
        node::statusesSentUnwritten);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private void counter(String name, String help, LongSupplier value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .constLabels(labels)
        .callback(sample -> sample.call((double) value.getAsLong()))
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
