package io.spillway.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.spillway.rpc.RpcMetrics.CallEnd;
import io.spillway.rpc.RpcMetrics.RetryEnd;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RpcMetricsTest {
  private final RpcMetrics metrics = new RpcMetrics();
  private final PrometheusRegistry registry = new PrometheusRegistry();

  @Test
  void everyReasonADropEndAndRetryCanHaveIsExportedWithItsCount() {
    int times = 0;
    for (DropReason reason : DropReason.values()) {
      repeat(++times, () -> metrics.dropped(reason));
    }
    for (CallEnd end : CallEnd.values()) {
      repeat(++times, () -> metrics.ended(end));
    }
    for (RetryEnd end : RetryEnd.values()) {
      repeat(++times, () -> metrics.retry(end));
    }
    metrics.registerOn(registry);
    int expected = 0;
    for (DropReason reason : DropReason.values()) {
      assertThat(exported("spillway_rpc_dropped")).containsEntry(reason.label(), ++expected * 1.0);
    }
    for (CallEnd end : CallEnd.values()) {
      assertThat(exported("spillway_rpc_calls")).containsEntry(label(end), ++expected * 1.0);
    }
    for (RetryEnd end : RetryEnd.values()) {
      assertThat(exported("spillway_rpc_retries")).containsEntry(label(end), ++expected * 1.0);
    }
  }

  @Test
  void requestsWhoseExpiryWasTooFarOffAreExported() {
    metrics.registerOn(registry);
    metrics.budgetCut();
    CounterSnapshot cut = (CounterSnapshot) named("spillway_rpc_budgets_cut");
    assertThat(cut.getDataPoints().getFirst().getValue()).isEqualTo(1.0);
  }

  @Test
  void aPeersClockIsExportedInSeconds() {
    metrics.registerOn(registry);
    long now = 1_700_000_000_000_000_000L;
    metrics.skew().observe("peer", now - 30_000_000_000L, now);
    GaugeSnapshot skew = (GaugeSnapshot) named("spillway_rpc_clock_skew_seconds");
    assertThat(skew.getDataPoints().getFirst().getValue()).isEqualTo(30.0);
  }

  private static String label(Enum<?> kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static void repeat(int times, Runnable task) {
    for (int i = 0; i < times; i++) {
      task.run();
    }
  }

  private Map<String, Double> exported(String name) {
    Map<String, Double> byLabel = new HashMap<>();
    for (var point : ((CounterSnapshot) named(name)).getDataPoints()) {
      byLabel.put(point.getLabels().getValue(0), point.getValue());
    }
    return byLabel;
  }

  private MetricSnapshot named(String name) {
    return registry.scrape().stream()
        .filter(snapshot -> snapshot.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
