package io.spillway.rpc.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import io.spillway.core.time.SystemTime;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A Redis with several servers loses one while forty egresses report: each reports its next status
 * when the one before it was acknowledged, and tries again until it is. None may be lost, none may
 * overtake another, and all must go on within five seconds of the kill: what Redis itself needs to
 * notice it and to elect (two to three seconds with the nodes' time-out used here) is part of them.
 */
@Timeout(180)
class RedisLossTest {
  private static final int EGRESSES = 40;
  private static final Duration BETWEEN_STATUSES = Duration.ofMillis(50);
  private static final Duration BACK_WITHIN = Duration.ofSeconds(5);

  /** Of each egress, from then on, without a failure between them. */
  private static final int CALLS_AFTERWARDS = 25;

  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final Map<String, ConcurrentLinkedQueue<Long>> stored = new ConcurrentHashMap<>();
  private final AtomicLongArray acknowledged = new AtomicLongArray(EGRESSES);
  private final AtomicLongArray acknowledgedAtNanos = new AtomicLongArray(EGRESSES);
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Long> failedFromNanos = new ConcurrentLinkedQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private volatile boolean over;

  @AfterEach
  void closeAll() throws Exception {
    over = true;
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    time.close();
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  private RedisBus bus(RedisSettings settings) throws Exception {
    RedisBus bus =
        closing(new RedisBus(settings, BusLimits.defaults(), time, new Random(), metrics));
    assertThat(bus.awaitConnected(Duration.ofSeconds(10))).isTrue();
    return bus;
  }

  /** Forty egresses that report without a pause, to one server that keeps what it is told. */
  private List<Thread> report(RedisSettings settings) throws Exception {
    closing(new PsrpcServer(bus(settings), "IOInfo", "S", time, ServerLimits.defaults(), metrics))
        .serve(
            EgressServices.UPDATE_EGRESS,
            "",
            (info, context) -> {
              stored
                  .computeIfAbsent(info.getEgressId(), id -> new ConcurrentLinkedQueue<>())
                  .add(info.getUpdatedAt());
              return Empty.getDefaultInstance();
            });
    PsrpcClient client =
        closing(
            new PsrpcClient(
                bus(settings), "IOInfo", time, new Random(), ClientLimits.defaults(), metrics));
    List<Thread> lanes = new ArrayList<>();
    for (int egress = 0; egress < EGRESSES; egress++) {
      int lane = egress;
      lanes.add(Thread.ofVirtual().start(() -> reportUntilOver(client, lane)));
    }
    everyLaneGoesOnWithin(Duration.ofSeconds(20), time.nanos());
    return lanes;
  }

  private void reportUntilOver(PsrpcClient client, int lane) {
    for (long number = 1; !over; number++) {
      EgressInfo info =
          EgressInfo.newBuilder().setEgressId("EG_" + lane).setUpdatedAt(number).build();
      while (!reported(client, info)) {
        if (over) {
          return;
        }
      }
      acknowledged.set(lane, number);
      acknowledgedAtNanos.set(lane, time.nanos());
      pause();
    }
  }

  /** A flood on the Cluster's own links would hold up its gossip, and with it the election. */
  private void pause() {
    CountDownLatch over = new CountDownLatch(1);
    TimeSource.Timer _ = time.after(BETWEEN_STATUSES, over::countDown);
    try {
      over.await();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean reported(PsrpcClient client, EgressInfo info) {
    long begin = time.nanos();
    try {
      Empty _ =
          client.call(
              EgressServices.UPDATE_EGRESS, "", info, CallOptions.within(Duration.ofSeconds(2)));
      return true;
    } catch (RpcException failure) {
      failures.add(failure.toString());
      failedFromNanos.add(begin);
      return false;
    }
  }

  private void everyLaneGoesOnWithin(Duration limit, long sinceNanos) {
    await()
        .atMost(limit)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> {
          for (int lane = 0; lane < EGRESSES; lane++) {
            assertThat(acknowledgedAtNanos.get(lane) - sinceNanos)
                .as(
                    "lane %d, failures %s",
                    lane, failures.stream().skip(Math.max(0, failures.size() - 3)).toList())
                .isPositive();
          }
        });
  }

  /** Every lane is acknowledged within the limit; whatever begins after the limit succeeds. */
  private void allIsWellAgain(long sinceNanos) {
    everyLaneGoesOnWithin(BACK_WITHIN, sinceNanos);
    long backNanos = sinceNanos + BACK_WITHIN.toNanos();
    await().atMost(BACK_WITHIN.plusSeconds(1)).until(() -> time.nanos() > backNanos);
    long[] before = new long[EGRESSES];
    for (int lane = 0; lane < EGRESSES; lane++) {
      before[lane] = acknowledged.get(lane);
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> {
          for (int lane = 0; lane < EGRESSES; lane++) {
            assertThat(acknowledged.get(lane) - before[lane])
                .as("calls of lane %d after the limit", lane)
                .isGreaterThanOrEqualTo(CALLS_AFTERWARDS);
          }
        });
    assertThat(failedFromNanos)
        .as("failures of calls that began after the limit, among %s", failures)
        .noneMatch(begin -> begin > backNanos);
  }

  private void endAndLookForLostOnes(List<Thread> lanes) throws InterruptedException {
    over = true;
    for (Thread lane : lanes) {
      lane.join();
    }
    for (int lane = 0; lane < EGRESSES; lane++) {
      List<Long> kept =
          List.copyOf(stored.getOrDefault("EG_" + lane, new ConcurrentLinkedQueue<>()));
      assertThat(kept).as("statuses of lane %d, in their order", lane).isSorted();
      for (long number = 1; number <= acknowledged.get(lane); number++) {
        assertThat(kept).contains(number);
      }
    }
  }

  @Test
  void aSentinelFailoverLosesNoStatus() throws Exception {
    RedisServer master = closing(RedisServer.start());
    RedisServer replica = closing(RedisServer.start("--replicaof", "127.0.0.1 " + master.port()));
    RedisServer sentinel = closing(RedisServer.sentinel(master.port()));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> replica.answer("INFO replication").contains("master_link_status:up"));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> sentinel.answer("SENTINEL replicas m").contains("" + replica.port()));
    List<Thread> lanes = report(RedisSettings.sentinel("m", List.of(sentinel.address())));
    master.stop();
    allIsWellAgain(time.nanos());
    endAndLookForLostOnes(lanes);
  }

  @Test
  void theLossOfEachMasterOfAClusterLosesNoStatus() throws Exception {
    List<RedisServer> nodes = RedisServer.cluster();
    nodes.forEach(this::closing);
    List<Thread> lanes = report(RedisSettings.cluster(List.of(nodes.getLast().address())));
    for (RedisServer master : nodes.subList(0, 3)) {
      master.stop();
      allIsWellAgain(time.nanos());
      master.startAgain();
      RedisServer.awaitWhole(nodes);
    }
    endAndLookForLostOnes(lanes);
  }

  @Test
  void aNodeOfAClusterThatHangsLosesNoStatus() throws Exception {
    List<RedisServer> nodes = RedisServer.cluster();
    nodes.forEach(this::closing);
    List<String> addresses = nodes.stream().map(RedisServer::address).toList();
    List<Thread> lanes = report(RedisSettings.cluster(addresses));
    nodes.getFirst().freeze();
    allIsWellAgain(time.nanos());
    nodes.getFirst().thaw();
    endAndLookForLostOnes(lanes);
  }
}
