package io.spillway.app.process;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The process's metrics in Prometheus' text format. Thread-safe. */
public final class MetricsText {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.builder().build();

  /** With the JVM's own figures. */
  public MetricsText() {
    JvmMetrics.builder().register(registry);
  }

  /** Where to register more. */
  public PrometheusRegistry registry() {
    return registry;
  }

  /** All of it, as it is now. */
  public String text() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writer.write(out, registry.scrape());
    } catch (IOException impossible) {
      throw new UncheckedIOException("writing to memory failed", impossible);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
