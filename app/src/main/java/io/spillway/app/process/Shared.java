package io.spillway.app.process;

import io.spillway.core.time.TimeSource;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcMetrics;
import java.security.SecureRandom;
import java.util.function.Function;

/**
 * What the parts of a process share. Whoever is given it closes none of it.
 *
 * @param rpcMetrics registered on {@code metrics}
 * @param random for ids, secrets and back-off
 */
public record Shared<B extends MessageBus>(
    B bus, RpcMetrics rpcMetrics, MetricsText metrics, TimeSource time, SecureRandom random) {
  /** The same with another bus. */
  public <C extends MessageBus> Shared<C> with(C other) {
    return new Shared<>(other, rpcMetrics, metrics, time, random);
  }

  /** With metrics of its own, on which the bus counts that {@code bus} opens. */
  public static <B extends MessageBus> Shared<B> on(
      Function<RpcMetrics, B> bus, TimeSource time, SecureRandom random) {
    RpcMetrics rpcMetrics = new RpcMetrics();
    MetricsText metrics = new MetricsText();
    rpcMetrics.registerOn(metrics.registry());
    return new Shared<>(bus.apply(rpcMetrics), rpcMetrics, metrics, time, random);
  }
}
