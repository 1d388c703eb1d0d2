package io.spillway.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.time.SystemTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.rpc.GetEgressRequest;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcMetrics.CallEnd;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.rpc.bus.MemoryFaults;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The client and servers of every day on a memory bus that loses, repeats and reorders: claims,
 * choices and expiry are the same code as on Redis.
 */
@Timeout(60)
class FaultyBusTest {
  private static final int CALLERS = 16;
  private static final int CALLS_EACH = 25;
  private static final Duration TIMEOUT = Duration.ofMillis(300);

  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicLong longestNanos = new AtomicLong();

  @AfterEach
  void stop() {
    time.close();
  }

  @ParameterizedTest
  @CsvSource({
    "0,    0,    0,    1",
    "0,    0.5,  0,    2",
    "0.05, 0,    0,    3",
    "0,    0,    0.2,  4",
    "0.05, 0.3,  0.2,  5",
    "0.3,  0.5,  0.5,  6",
  })
  void eachCallEndsByItsDeadlineIsRunAtMostOnceAndGetsItsOwnAnswer(
      double loss, double repeat, double reorder, long seed) throws Exception {
    MemoryFaults faults = new MemoryFaults(loss, repeat, reorder, new Random(seed));
    try (MemoryBus bus =
            new MemoryBus(
                task -> Thread.ofVirtual().start(task), BusLimits.defaults(), faults, metrics);
        PsrpcServer first = server(bus, "S1");
        PsrpcServer second = server(bus, "S2");
        PsrpcClient client =
            new PsrpcClient(
                bus, "IOInfo", time, new Random(seed), ClientLimits.defaults(), metrics)) {
      assertThat(first.id()).isNotEqualTo(second.id());
      List<Thread> callers = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        String name = "EG_" + caller + "_";
        callers.add(Thread.ofVirtual().start(() -> makeCalls(client, name)));
      }
      for (Thread caller : callers) {
        caller.join();
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(runs.values()).as("runs of one request").allMatch(count -> count.get() == 1);
    assertThat(Duration.ofNanos(longestNanos.get())).isLessThan(TIMEOUT.plusMillis(300));
    assertThat(metrics.calls(CallEnd.ANSWERED)).isEqualTo(answered.get());
    if (loss == 0 && reorder == 0) {
      assertThat(answered.get())
          .as("repetition alone costs no call")
          .isEqualTo(CALLERS * CALLS_EACH);
    } else {
      assertThat(answered.get()).isPositive();
    }
    if (repeat > 0) {
      assertThat(metrics.drops(DropReason.REPEATED)).isPositive();
    }
  }

  private PsrpcServer server(MemoryBus bus, String id) {
    PsrpcServer server = new PsrpcServer(bus, "IOInfo", id, time, ServerLimits.defaults(), metrics);
    var _ =
        server.serve(
            EgressServices.GET_EGRESS,
            "",
            (request, context) -> {
              runs.computeIfAbsent(context.requestId(), _ -> new AtomicInteger()).incrementAndGet();
              return EgressInfo.newBuilder().setEgressId(request.getEgressId()).build();
            });
    return server;
  }

  private void makeCalls(PsrpcClient client, String name) {
    for (int n = 0; n < CALLS_EACH; n++) {
      long begin = time.nanos();
      try {
        EgressInfo answer =
            client.call(
                EgressServices.GET_EGRESS,
                "",
                GetEgressRequest.newBuilder().setEgressId(name + n).build(),
                CallOptions.within(TIMEOUT));
        answered.incrementAndGet();
        if (!answer.getEgressId().equals(name + n)) {
          wrong.add(name + n + " got the answer of " + answer.getEgressId());
        }
      } catch (RpcException lost) {
        if (lost.code() != RpcCode.UNAVAILABLE && lost.code() != RpcCode.DEADLINE_EXCEEDED) {
          wrong.add(name + n + ": " + lost);
        }
      }
      longestNanos.accumulateAndGet(time.nanos() - begin, Math::max);
    }
  }
}
