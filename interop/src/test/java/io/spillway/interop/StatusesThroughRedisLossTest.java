package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.SystemTime;
import io.spillway.core.time.TimeSource;
import io.spillway.interop.fixture.RedisGroup;
import io.spillway.node.report.JournalLedger;
import io.spillway.node.report.StatusReporter;
import io.spillway.node.request.EgressTrace;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.storage.journal.FileJournalDisk;
import io.spillway.storage.journal.JournalSettings;
import io.spillway.storage.journal.StatusJournal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node's own way of reporting (journal, reporter, psrpc client, Redis bus) through the loss of a
 * Redis master, with the statuses of forty egresses.
 */
@Timeout(180)
class StatusesThroughRedisLossTest {
  private static final int EGRESSES = 40;
  private static final Duration BETWEEN = Duration.ofMillis(200);
  private static final Duration BACK_WITHIN = Duration.ofSeconds(5);

  @TempDir Path folder;

  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Queue<EgressInfo>> kept = new ConcurrentHashMap<>();
  private final List<Long> reported = new ArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final AtomicLong number = new AtomicLong();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    threads.shutdownNow();
    time.close();
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  @Test
  void aSentinelFailoverLosesNoneOfFortyEgressesStatuses() throws Exception {
    reportThroughTheLossOfAMaster(closing(RedisGroup.sentinel(folder)));
  }

  @Test
  void theLossOfAClustersMasterLosesNoneOfFortyEgressesStatuses() throws Exception {
    reportThroughTheLossOfAMaster(closing(RedisGroup.cluster(folder)));
  }

  private void reportThroughTheLossOfAMaster(RedisGroup redis) throws Exception {
    keepWhatIsTold(bus(redis));
    StatusJournal journal =
        closing(
            StatusJournal.open(
                new FileJournalDisk(folder.resolve("status.journal")),
                JournalSettings.standard(),
                time));
    StatusReporter reporter = reporter(journal, bus(redis));
    tellAll(reporter, EgressStatus.EGRESS_STARTING);
    for (int i = 0; i < 10; i++) {
      tellAll(reporter, EgressStatus.EGRESS_ACTIVE);
    }
    awaitKept(Duration.ofSeconds(10));

    long lostAt = time.nanos();
    redis.loseAMaster();
    tellAll(reporter, EgressStatus.EGRESS_ACTIVE);
    long firstAfter = number.get();
    while (time.nanos() - lostAt < BACK_WITHIN.toNanos() && !hasEach(firstAfter)) {
      tellAll(reporter, EgressStatus.EGRESS_ACTIVE);
    }
    assertThat(hasEach(firstAfter))
        .as("each egress's first status after the loss is kept")
        .isTrue();

    tellAll(reporter, EgressStatus.EGRESS_COMPLETE);
    awaitKept(Duration.ofSeconds(20));
    assertThat(reporter.awaitEmpty(Deadline.in(time, Duration.ofSeconds(10)))).isTrue();
    await().atMost(Duration.ofSeconds(10)).until(() -> journal.pending().isEmpty());
    for (Queue<EgressInfo> one : kept.values()) {
      List<Long> numbers = one.stream().map(EgressInfo::getUpdatedAt).toList();
      assertThat(numbers).containsAll(reported).isSorted();
      assertThat(List.copyOf(one).getLast().getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    }
    assertThat(kept).hasSize(EGRESSES);
  }

  private RedisBus bus(RedisGroup redis) throws InterruptedException {
    RedisBus bus =
        closing(new RedisBus(redis.settings(), BusLimits.defaults(), time, new Random(), metrics));
    assertThat(bus.awaitConnected(Duration.ofSeconds(10))).isTrue();
    return bus;
  }

  private void keepWhatIsTold(RedisBus bus) {
    PsrpcServer server =
        closing(
            new PsrpcServer(
                bus, EgressServices.IO_INFO, "S", time, ServerLimits.defaults(), metrics));
    RpcServer.Handler<EgressInfo, Empty> keep =
        (info, context) -> {
          kept.computeIfAbsent(info.getEgressId(), _ -> new ConcurrentLinkedQueue<>()).add(info);
          return Empty.getDefaultInstance();
        };
    var _ = server.serve(EgressServices.CREATE_EGRESS, "", keep);
    var _ = server.serve(EgressServices.UPDATE_EGRESS, "", keep);
  }

  private StatusReporter reporter(StatusJournal journal, RedisBus bus) {
    PsrpcClient io =
        closing(
            new PsrpcClient(
                bus, EgressServices.IO_INFO, time, new Random(), ClientLimits.defaults(), metrics));
    StatusReporter reporter =
        new StatusReporter(
            "NE_1",
            io,
            new JournalLedger(journal),
            time,
            new Random(),
            threads,
            (egress, why) -> true);
    open.add(reporter::close);
    return reporter;
  }

  /** Every egress's next status, and a pause after it. */
  private void tellAll(StatusReporter reporter, EgressStatus status) throws InterruptedException {
    long updated = number.incrementAndGet();
    reported.add(updated);
    for (int egress = 0; egress < EGRESSES; egress++) {
      EgressInfo info =
          EgressInfo.newBuilder()
              .setEgressId("EG_" + egress)
              .setStatus(status)
              .setUpdatedAt(updated)
              .build();
      EgressTrace trace = EgressTrace.of(info, "REQ", "NE_1");
      switch (status) {
        case EGRESS_STARTING -> {
          var _ = reporter.created(info, trace);
        }
        case EGRESS_COMPLETE -> reporter.ended(info, trace, () -> {});
        default -> reporter.updated(info, trace);
      }
    }
    var over = new CountDownLatch(1);
    TimeSource.Timer _ = time.after(BETWEEN, over::countDown);
    over.await();
  }

  private boolean hasEach(long updated) {
    return kept.size() == EGRESSES
        && kept.values().stream()
            .allMatch(one -> one.stream().anyMatch(info -> info.getUpdatedAt() == updated));
  }

  private void awaitKept(Duration limit) {
    await().atMost(limit).until(() -> hasEach(number.get()));
  }
}
