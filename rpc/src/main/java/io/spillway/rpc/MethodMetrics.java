package io.spillway.rpc;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How the calls of each method go, under the names and labels of livekit/protocol ({@code
 * rpc/metrics.go}). Times are in milliseconds, as there. Thread-safe, without locks.
 *
 * <p>One difference: {@code rx} is what came in and {@code tx} what went out, at clients too, where
 * livekit/psrpc has them the other way round.
 */
public final class MethodMetrics {
  /** On which end of a call. */
  public enum Role {
    CLIENT,
    SERVER
  }

  /** What became of a server's claim. */
  public enum Claim {
    /** It was chosen. */
    GRANTED,
    /** Another was. */
    LOST_TO_PEER,
    /** Nobody was, or too late. */
    TIMED_OUT
  }

  private final Histogram time =
      Histogram.builder()
          .name("livekit_psrpc_request_time_ms")
          .help("How long calls took that were answered without an error")
          .labelNames("role", "kind", "service", "method")
          .classicOnly()
          .classicUpperBounds(10, 50, 100, 300, 500, 1000, 1500, 2000, 5000, 10000)
          .build();
  private final Counter errors =
      Counter.builder()
          .name("livekit_psrpc_error")
          .help("Calls that failed")
          .labelNames("role", "kind", "service", "method", "error_code")
          .build();
  private final Counter bytes =
      Counter.builder()
          .name("livekit_psrpc_bytes")
          .help("Bytes of requests and answers")
          .labelNames("role", "kind", "service", "method", "direction")
          .build();
  private final Counter received =
      Counter.builder()
          .name("livekit_psrpc_requests_received")
          .help("Requests read off the bus")
          .labelNames("service", "method")
          .build();
  private final Counter expired =
      Counter.builder()
          .name("livekit_psrpc_requests_expired")
          .help("Requests whose time was over when they were read")
          .labelNames("service", "method")
          .build();
  private final Histogram claims =
      Histogram.builder()
          .name("livekit_psrpc_claim_wait_time_ms")
          .help("From a request that was bid for to the caller's choice")
          .labelNames("service", "method", "outcome")
          .classicOnly()
          .classicUpperBounds(1, 5, 10, 25, 50, 100, 250, 500, 1000, 3000)
          .build();

  private final Map<Key, Calls> calls = new ConcurrentHashMap<>();

  MethodMetrics() {}

  private record Key(Role role, boolean multi, String service, String method) {}

  /** One end of a method's calls. */
  public final class Calls {
    private final String[] labels;
    private final DistributionDataPoint took;
    private final CounterDataPoint in;
    private final CounterDataPoint out;

    private Calls(Key key) {
      this.labels =
          new String[] {
            lower(key.role()), key.multi() ? "multirpc" : "rpc", key.service(), key.method()
          };
      this.took = time.labelValues(labels);
      this.in = bytes.labelValues(with(labels, "rx"));
      this.out = bytes.labelValues(with(labels, "tx"));
    }

    /** Counts a call that was answered. */
    public void answered(long nanos, long bytesIn, long bytesOut) {
      took.observe(nanos / 1e6);
      in.inc(bytesIn);
      out.inc(bytesOut);
    }

    /** Counts a call that failed. */
    public void failed(RpcCode code, long bytesIn, long bytesOut) {
      errors.labelValues(with(labels, code.wire())).inc();
      in.inc(bytesIn);
      out.inc(bytesOut);
    }
  }

  /** What becomes of a served method's requests before a handler runs. */
  public final class Requests {
    private final String service;
    private final String method;
    private final CounterDataPoint came;
    private final CounterDataPoint late;

    private Requests(String service, String method) {
      this.service = service;
      this.method = method;
      this.came = received.labelValues(service, method);
      this.late = expired.labelValues(service, method);
    }

    /** Counts a request, of whatever age. */
    public void received() {
      came.inc();
    }

    /** Counts one whose time was over. */
    public void expired() {
      late.inc();
    }

    /** Counts a claim that was decided upon after so long. */
    public void claimed(Claim outcome, long nanos) {
      claims.labelValues(service, method, lower(outcome)).observe(nanos / 1e6);
    }
  }

  /** The figures of one end of a method. */
  public Calls calls(Role role, RpcMethod<?, ?> method) {
    return calls.computeIfAbsent(
        new Key(role, method.multi(), method.service(), method.name()), Calls::new);
  }

  /** The figures of a method that is served. */
  public Requests requests(RpcMethod<?, ?> method) {
    return new Requests(method.service(), method.name());
  }

  private static String lower(Enum<?> kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static String[] with(String[] labels, String last) {
    String[] all = new String[labels.length + 1];
    System.arraycopy(labels, 0, all, 0, labels.length);
    all[labels.length] = last;
    return all;
  }

  /** Exports all of it with these labels too: who this is. Once per registry. */
  public void registerOn(PrometheusRegistry registry, Labels who) {
    for (Histogram histogram : new Histogram[] {time, claims}) {
      Collector labelled = () -> labelled(histogram.collect(), who);
      registry.register(labelled);
    }
    for (Counter counter : new Counter[] {errors, bytes, received, expired}) {
      Collector labelled = () -> labelled(counter.collect(), who);
      registry.register(labelled);
    }
  }

  private static HistogramSnapshot labelled(HistogramSnapshot all, Labels who) {
    return new HistogramSnapshot(
        all.getMetadata(),
        all.getDataPoints().stream()
            .map(point ->
                HistogramDataPointSnapshot.builder()
                    .classicHistogramBuckets(point.getClassicBuckets())
                    .sum(point.getSum())
                    .labels(who.merge(point.getLabels()))
                    .build())
            .toList());
  }

  private static CounterSnapshot labelled(CounterSnapshot all, Labels who) {
    return new CounterSnapshot(
        all.getMetadata(),
        all.getDataPoints().stream()
            .map(point ->
                CounterDataPointSnapshot.builder()
                    .value(point.getValue())
                    .labels(who.merge(point.getLabels()))
                    .build())
            .toList());
  }
}
