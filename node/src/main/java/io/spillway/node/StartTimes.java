package io.spillway.node;

import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Locale;

/** How long starts take, from the request's arrival to each stage. Thread-safe. */
final class StartTimes {
  /** What a start passes through. */
  enum Stage {
    /** Kept in the spool, and its stop requests reach us. */
    ACCEPTED,
    /** Answered to the caller. */
    ANSWERED,
    /** Media flows. */
    ACTIVE
  }

  private final Histogram seconds =
      Histogram.builder()
          .name("spillway_start_seconds")
          .help("From a start request's arrival at the node to each stage")
          .labelNames("stage")
          .classicOnly()
          .classicUpperBounds(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
          .build();

  void took(Stage stage, Duration since) {
    seconds.labelValues(stage.name().toLowerCase(Locale.ROOT)).observe(since.toNanos() / 1e9);
  }

  void registerOn(PrometheusRegistry registry) {
    registry.register(seconds);
  }
}
