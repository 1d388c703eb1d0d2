package io.spillway.rpc;

import static java.util.Objects.requireNonNull;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the RPC of one process counts. Shared by its buses, clients and servers; thread-safe and
 * without locks. {@link #registerOn} exports it.
 */
public final class RpcMetrics {
  /** How a call ended, as its caller sees it. */
  public enum CallEnd {
    /** With the server's message. */
    ANSWERED,
    /** With the server's error. */
    REFUSED,
    /** No sign of any server by the deadline. */
    UNANSWERED,
    /** A server was chosen, but no answer came by the deadline. */
    TIMED_OUT,
    /** Servers claimed, none of them well enough to be chosen. */
    UNCHOSEN,
    /** It could not be sent, or was cut by its caller or by a rebuilt client. */
    CUT
  }

  /** What became of a call that failed and may be made again. */
  public enum RetryEnd {
    /** It was. */
    MADE,
    /** Its budget was spent: it failed. */
    OVER_BUDGET,
    /** Its time was over before the next try: it failed. */
    NO_TIME
  }

  private final Map<DropReason, LongAdder> drops = adders(DropReason.class);
  private final Map<CallEnd, LongAdder> calls = adders(CallEnd.class);
  private final Map<RetryEnd, LongAdder> retries = adders(RetryEnd.class);
  private final LongAdder handled = new LongAdder();
  private final LongAdder budgetsCut = new LongAdder();
  private final LongAdder clientRebuilds = new LongAdder();
  private final LongAdder busRebuilds = new LongAdder();
  private final MethodMetrics methods = new MethodMetrics();
  private final ClockSkew skew = new ClockSkew(256, Duration.ofSeconds(60));

  private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> kinds) {
    Map<E, LongAdder> made = new EnumMap<>(kinds);
    for (E kind : EnumSet.allOf(kinds)) {
      made.put(kind, new LongAdder());
    }
    return Collections.unmodifiableMap(made);
  }

  private static <E> LongAdder of(Map<E, LongAdder> adders, E kind) {
    return requireNonNull(adders.get(kind), "each kind has its adder");
  }

  /** Counts a message that was not taken. */
  public void dropped(DropReason reason) {
    of(drops, reason).increment();
  }

  /** How many messages were not taken for this reason. */
  public long drops(DropReason reason) {
    return of(drops, reason).sum();
  }

  /** Counts a call that ended. */
  public void ended(CallEnd end) {
    of(calls, end).increment();
  }

  /** How many calls ended so. */
  public long calls(CallEnd end) {
    return of(calls, end).sum();
  }

  /** Counts a call that could be made again. */
  public void retry(RetryEnd end) {
    of(retries, end).increment();
  }

  /** How often that came to this. */
  public long retries(RetryEnd end) {
    return of(retries, end).sum();
  }

  /** Counts a request that a handler of ours was started for. */
  public void handled() {
    handled.increment();
  }

  /** How many requests handlers of ours were started for. */
  public long handledRequests() {
    return handled.sum();
  }

  /** Counts a request that said it would live longer than any call may. */
  public void budgetCut() {
    budgetsCut.increment();
  }

  /** How many requests said they would live longer than any call may. */
  public long budgetsCut() {
    return budgetsCut.sum();
  }

  /** Counts a client that took a new id because nobody answered. */
  public void clientRebuilt() {
    clientRebuilds.increment();
  }

  /** How often a client took a new id. */
  public long clientRebuilds() {
    return clientRebuilds.sum();
  }

  /** Counts a bus that threw its connections away. */
  public void busRebuilt() {
    busRebuilds.increment();
  }

  /** How often a bus threw its connections away. */
  public long busRebuilds() {
    return busRebuilds.sum();
  }

  /** How the calls of each method go; exported by a call of its own. */
  public MethodMetrics methods() {
    return methods;
  }

  /** What is known of the peers' clocks. */
  public ClockSkew skew() {
    return skew;
  }

  /** Exports all of it as {@code spillway_rpc_*}. Once per registry. */
  public void registerOn(PrometheusRegistry registry) {
    CounterWithCallback.builder()
        .name("spillway_rpc_dropped")
        .help("Messages not taken, by reason")
        .labelNames("reason")
        .callback(sample -> {
          for (DropReason reason : DropReason.values()) {
            sample.call((double) drops(reason), reason.label());
          }
        })
        .register(registry);
    CounterWithCallback.builder()
        .name("spillway_rpc_calls")
        .help("Calls made, by how they ended")
        .labelNames("end")
        .callback(sample -> {
          for (CallEnd end : CallEnd.values()) {
            sample.call((double) calls(end), end.name().toLowerCase(Locale.ROOT));
          }
        })
        .register(registry);
    CounterWithCallback.builder()
        .name("spillway_rpc_retries")
        .help("Calls that failed and could be made again, by what became of that")
        .labelNames("end")
        .callback(sample -> {
          for (RetryEnd end : RetryEnd.values()) {
            sample.call((double) retries(end), end.name().toLowerCase(Locale.ROOT));
          }
        })
        .register(registry);
    counter(registry, "spillway_rpc_requests_handled", "Requests given to a handler", handled);
    counter(
        registry, "spillway_rpc_budgets_cut", "Requests whose expiry was too far off", budgetsCut);
    counter(registry, "spillway_rpc_client_rebuilds", "Clients given a new id", clientRebuilds);
    counter(registry, "spillway_rpc_bus_rebuilds", "Connections thrown away", busRebuilds);
    GaugeWithCallback.builder()
        .name("spillway_rpc_clock_skew_seconds")
        .help(
            "Largest offset of a peer's wall clock seen in the last minute, behind ours: positive")
        .callback(sample -> sample.call(skew.worst().map(RpcMetrics::offsetSeconds).orElse(0.0)))
        .register(registry);
  }

  private static void counter(
      PrometheusRegistry registry, String name, String help, LongAdder value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(sample -> sample.call((double) value.sum()))
        .register(registry);
  }

  private static double offsetSeconds(ClockSkew.Offset offset) {
    return offset.behind().toNanos() / 1e9;
  }
}
