package io.spillway.bench.storm;

import com.google.protobuf.Empty;
import io.spillway.core.bounded.Backoff;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.rpc.bus.RedisSettings;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.retry.RetryBudget;
import io.spillway.rpc.retry.RetryRule;
import io.spillway.rpc.retry.RetryingClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Ours, bare or as a program of ours uses it: with the retry layer over it. */
final class OurClient implements StormClient {
  /** Shorter than a call, so that an answer that got lost leaves time for another. */
  private static final RetryRule RULE =
      new RetryRule(
          Duration.ofMillis(600),
          new Backoff(Duration.ofMillis(20), Duration.ofMillis(200)),
          20,
          false);

  private final String label;
  private final TimeSource time;
  private final RedisBus bus;
  private final RpcClient client;
  private final RpcMetrics metrics = new RpcMetrics();
  private final Map<String, RpcCode> refusals = new ConcurrentHashMap<>();
  private volatile AtomicBoolean stopped = new AtomicBoolean();

  private OurClient(String redis, TimeSource time, boolean retries) throws InterruptedException {
    this.label = retries ? "ours" : "ours, no retries";
    this.time = time;
    this.bus =
        new RedisBus(RedisSettings.plain(redis), BusLimits.defaults(), time, new Random(), metrics);
    boolean _ = bus.awaitConnected(Duration.ofSeconds(10));
    PsrpcClient once = once();
    this.client =
        retries
            ? new RetryingClient(
                once, RULE, RetryBudget.defaults(time), time, new Random(), metrics)
            : once;
  }

  private PsrpcClient once() {
    return new PsrpcClient(
        bus, EgressServices.IO_INFO, time, new Random(), ClientLimits.defaults(), metrics);
  }

  /** With the retry layer. */
  static OurClient withRetries(String redis, TimeSource time) throws InterruptedException {
    return new OurClient(redis, time, true);
  }

  /** Each call is made once. */
  static OurClient bare(String redis, TimeSource time) throws InterruptedException {
    return new OurClient(redis, time, false);
  }

  @Override
  public String label() {
    return label;
  }

  /** What the first failed call of this name was told. */
  @Nullable RpcCode refusal(String name) {
    return refusals.get(name);
  }

  RpcMetrics metrics() {
    return metrics;
  }

  @Override
  public Optional<Result> run(Load load) throws InterruptedException {
    AtomicInteger ok = new AtomicInteger();
    Queue<String> failed = new ConcurrentLinkedQueue<>();
    AtomicInteger late = new AtomicInteger();
    AtomicLong longest = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    stopped = over;
    List<Thread> callers = new ArrayList<>();
    callers.add(Thread.ofVirtual().start(this::comeAndGo));
    for (int caller = 0; caller < load.callers(); caller++) {
      String name = "c" + caller + "_";
      callers.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int n = 1; n <= load.each() && !over.get(); n++) {
                  boolean isLate = load.lateEach() > 0 && n % load.lateEach() == 0;
                  long begin = time.nanos();
                  boolean answered = isAnswered(client, (isLate ? StormPeer.LATE : "") + name + n);
                  longest.accumulateAndGet(time.nanos() - begin, Math::max);
                  if (isLate || answered) {
                    int _ = (isLate ? late : ok).incrementAndGet();
                  } else {
                    failed.add(name + n);
                  }
                  pause(load.pause());
                }
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    return Optional.of(
        new Result(
            ok.get(), failed.size(), late.get(), longest.get() / 1_000_000, List.copyOf(failed)));
  }

  /** Another client on the same bus, closed while answers to it are under way. */
  private void comeAndGo() {
    try (PsrpcClient passing = once()) {
      boolean _ = isAnswered(passing, StormPeer.LATE + "passing");
    }
  }

  @Override
  public boolean canStop() {
    return true;
  }

  @Override
  public void stop() {
    stopped.set(true);
  }

  private void pause(Duration wait) {
    try {
      time.pause(wait);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isAnswered(RpcClient by, String id) {
    try {
      EgressInfo status = EgressInfo.newBuilder().setEgressId(id).build();
      Empty _ = by.call(EgressServices.UPDATE_EGRESS, "", status, CallOptions.within(TIMEOUT));
      return true;
    } catch (RpcException failure) {
      refusals.putIfAbsent(id, failure.code()); // the first load comes first
      return false;
    }
  }

  @Override
  public void close() {
    client.close();
    bus.close();
  }
}
