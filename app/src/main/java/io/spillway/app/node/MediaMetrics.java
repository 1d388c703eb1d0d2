package io.spillway.app.node;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.node.Node;
import io.spillway.rtc.ReceptionStats;
import io.spillway.rtc.RtcEngine;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;

/** Exports what the packet path counts as {@code spillway_media_*}. Reads only when scraped. */
final class MediaMetrics {
  private final PrometheusRegistry registry;
  private final RtcEngine rtc;

  private MediaMetrics(PrometheusRegistry registry, RtcEngine rtc) {
    this.registry = registry;
    this.rtc = rtc;
  }

  /** Once per registry. */
  static void register(PrometheusRegistry registry, RtcEngine rtc, Node node) {
    MediaMetrics metrics = new MediaMetrics(registry, rtc);
    metrics.received("packets_expected", "RTP packets sent to us", ReceptionStats::packetsExpected);
    metrics.received("packets_received", "RTP packets that came", ReceptionStats::packetsReceived);
    metrics.received(
        "packets_lost", "RTP packets that never came in time", ReceptionStats::packetsLost);
    metrics.received(
        "packets_recovered", "RTP packets sent again", ReceptionStats::packetsRecovered);
    metrics.received("nacks", "RTP packets asked for again", ReceptionStats::nacksSent);
    metrics.received("plis", "Key frames asked for", ReceptionStats::plisSent);
    metrics.received("received_bytes", "RTP payload", ReceptionStats::bytes);
    metrics.received("frames_dropped", "Pictures not usable", ReceptionStats::framesDropped);
    metrics.received("reconnects", "Repaired connections", ReceptionStats::reconnects);
    metrics.counter(
        "frames_not_written", "Frames lost to a slow disk", () -> (double) node.droppedFrames());
    metrics.counter(
        "datagrams_received",
        "UDP datagrams read: RTP, RTCP, STUN, DTLS",
        () -> (double) rtc.stats().packetsReceived());
    metrics.counter(
        "failures", "Packet handlers that threw", () -> (double) rtc.stats().failures());
    GaugeWithCallback.builder()
        .name("spillway_media_subscriptions")
        .help("Tracks being received")
        .callback(sample -> sample.call(rtc.stats().subscriptions()))
        .register(registry);
  }

  private void received(String name, String help, ToLongFunction<ReceptionStats> which) {
    counter(name, help, () -> (double) which.applyAsLong(rtc.reception()));
  }

  private void counter(String name, String help, DoubleSupplier value) {
    CounterWithCallback.builder()
        .name("spillway_media_" + name)
        .help(help)
        .callback(sample -> sample.call(value.getAsDouble()))
        .register(registry);
  }
}
