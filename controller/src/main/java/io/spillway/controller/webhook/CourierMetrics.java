package io.spillway.controller.webhook;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What is counted of webhooks; addresses are no labels, they may hold secrets. */
final class CourierMetrics {
  final AtomicLong waiting = new AtomicLong();
  final AtomicLong lagNanos = new AtomicLong();
  final AtomicInteger underWay = new AtomicInteger();
  private final Counter attempts;
  private final Counter givenUp;

  CourierMetrics(PrometheusRegistry metrics) {
    this.attempts =
        Counter.builder()
            .name("spillway_webhook_attempts")
            .help("Attempts to deliver webhooks, by what came of them")
            .labelNames("result")
            .register(metrics);
    for (String result : new String[] {"taken", "refused", "silent"}) {
      attempts.initLabelValues(result);
    }
    this.givenUp =
        Counter.builder()
            .name("spillway_webhook_given_up")
            .help("Webhooks that nobody took for a day")
            .register(metrics);
    gauge(metrics, "spillway_webhook_waiting", "Webhooks that are still to be taken", waiting::get);
    gauge(
        metrics,
        "spillway_webhook_lag_seconds",
        "How long the oldest of them has been waiting",
        () -> lagNanos.get() / 1e9);
    gauge(metrics, "spillway_webhook_under_way", "Webhooks being sent", underWay::get);
  }

  private static void gauge(
      PrometheusRegistry metrics, String name, String help, java.util.function.DoubleSupplier now) {
    var _ =
        GaugeWithCallback.builder()
            .name(name)
            .help(help)
            .callback(callback -> callback.call(now.getAsDouble()))
            .register(metrics);
  }

  void count(Answer answer) {
    String result =
        switch (answer) {
          case Answer.Taken _ -> "taken";
          case Answer.Refused _ -> "refused";
          case Answer.Silent _ -> "silent";
        };
    attempts.labelValues(result).inc();
  }

  void countGivenUp() {
    givenUp.inc();
  }
}
