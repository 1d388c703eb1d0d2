package io.spillway.controller.dispatch;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.core.time.Deadline;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets a burst of starts through a few at a time, so that it doesn't drown the bus and the nodes:
 * the others wait in line, for their own deadline at most. A line that is full refuses at once.
 */
public final class DispatchQueue implements Dispatcher {
  /** Starts on their way to nodes at once. */
  public static final int AT_ONCE = 256;

  /** Starts that may wait in line. */
  public static final int LONGEST = 4096;

  private final Dispatcher next;
  private final Semaphore free;
  private final int longest;
  private final AtomicInteger waiting = new AtomicInteger();
  private final Counter refused;

  /** Passes on to {@code next}; shows its length on {@code metrics}. */
  public DispatchQueue(Dispatcher next, int atOnce, int longest, PrometheusRegistry metrics) {
    this.next = next;
    this.free = new Semaphore(atOnce, true);
    this.longest = longest;
    this.refused =
        Counter.builder()
            .name("spillway_dispatch_queue_refused")
            .help("Starts refused because too many waited for their dispatch")
            .register(metrics);
    GaugeWithCallback.builder()
        .name("spillway_dispatch_queue")
        .help("Starts that wait for their dispatch")
        .callback(sample -> sample.call(waiting.get()))
        .register(metrics);
    GaugeWithCallback.builder()
        .name("spillway_dispatch_under_way")
        .help("Starts on their way to nodes")
        .callback(sample -> sample.call(atOnce - free.availablePermits()))
        .register(metrics);
  }

  @Override
  public EgressInfo dispatch(StartEgressRequest request, Trace trace, Deadline deadline) {
    enter(request.getEgressId(), deadline);
    try {
      return next.dispatch(request, trace, deadline);
    } finally {
      free.release();
    }
  }

  private void enter(String egressId, Deadline deadline) {
    if (waiting.incrementAndGet() > longest) {
      waiting.decrementAndGet();
      refused.inc();
      throw new RpcException(
          RpcCode.RESOURCE_EXHAUSTED,
          "egress %s was not started: %d starts wait already".formatted(egressId, longest));
    }
    try {
      if (!free.tryAcquire(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS)) {
        throw new RpcException(
            RpcCode.RESOURCE_EXHAUSTED,
            "egress %s was not started: its time was over before its turn came"
                .formatted(egressId));
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new RpcException(
          RpcCode.UNAVAILABLE, "the controller stopped during the start", stopping);
    } finally {
      waiting.decrementAndGet();
    }
  }
}
