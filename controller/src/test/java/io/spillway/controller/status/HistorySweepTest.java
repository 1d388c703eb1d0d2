package io.spillway.controller.status;

import static io.spillway.protocol.livekit.EgressStatus.EGRESS_COMPLETE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.store.ControllerStore;
import io.spillway.store.NewEgress;
import io.spillway.store.sql.EgressStores;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The history's end. */
final class HistorySweepTest {
  private final SimulatedTime time = new SimulatedTime();
  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // opened before each test
  private ControllerStore store;

  @BeforeEach
  void open() {
    store = EgressStores.sqlite(folder, time);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void ended(String id) {
    EgressInfo info = EgressInfo.newBuilder().setEgressId(id).setStatus(EGRESS_COMPLETE).build();
    store.create(new NewEgress(info, ByteString.EMPTY));
  }

  private HistorySweep sweep(Duration retention) {
    return new HistorySweep(store, time, retention, Runnable::run);
  }

  @Test
  void theHistoryIsSweptAtTheStartAndEveryHour() {
    ended("EG_1");
    time.advance(Duration.ofDays(2));
    ended("EG_2");
    try (HistorySweep sweep = sweep(Duration.ofDays(1))) {
      sweep.start();
      assertThat(store.find("EG_1")).isEmpty();
      assertThat(store.find("EG_2")).isPresent();
      time.advance(Duration.ofHours(24));
      assertThat(store.find("EG_2")).as("not yet older than a day").isPresent();
      time.advance(Duration.ofHours(1));
      assertThat(store.find("EG_2")).isEmpty();
    }
  }

  @Test
  void oneSweepTakesAsManyBatchesAsItNeeds() {
    for (int i = 0; i <= HistorySweep.BATCH; i++) {
      ended("EG_" + i);
    }
    time.advance(Duration.ofDays(2));
    try (HistorySweep sweep = sweep(Duration.ofDays(1))) {
      sweep.start();
    }
    assertThat(store.find("EG_0")).isEmpty();
    assertThat(store.find("EG_" + HistorySweep.BATCH)).isEmpty();
  }

  @Test
  void aHistoryWithoutLimitOrAClosedSweepKeepsAll() {
    ended("EG_1");
    try (HistorySweep never = sweep(Duration.ZERO)) {
      never.start();
      time.advance(Duration.ofDays(1000));
    }
    HistorySweep closed = sweep(Duration.ofDays(2000));
    closed.start();
    closed.close();
    time.advance(Duration.ofDays(2000));
    assertThat(store.find("EG_1")).isPresent();
  }
}
