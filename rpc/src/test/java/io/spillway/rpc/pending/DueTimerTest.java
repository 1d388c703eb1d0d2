package io.spillway.rpc.pending;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.time.SimulatedTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DueTimerTest {
  private final SimulatedTime time = new SimulatedTime();
  private final TreeSet<Long> pending = new TreeSet<>();
  private final List<Long> swept = new ArrayList<>();
  private final DueTimer timer = new DueTimer(time, this::sweep);

  private long sweep(long now) {
    swept.add(now / 1_000_000);
    pending.headSet(now, true).clear();
    return pending.isEmpty() ? DueTimer.NEVER : pending.first();
  }

  private void add(long millis) {
    pending.add(millis * 1_000_000);
    timer.expect(millis * 1_000_000);
  }

  @Test
  void anEarlierMomentTakesTheTimerAndTheLaterOneStillComesOnce() {
    add(100);
    add(50);
    add(70);
    time.advance(Duration.ofMillis(49));
    assertThat(swept).isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(swept).containsExactly(50L, 70L, 100L);
  }

  @Test
  void manyMomentsThatWentAwayCostOneSweep() {
    for (int i = 0; i < 1_000; i++) {
      add(100 + i);
      pending.clear();
    }
    time.advance(Duration.ofSeconds(10));
    assertThat(swept).containsExactly(100L);
  }

  @Test
  void aClosedTimerSweepsNoMore() {
    add(100);
    timer.close();
    add(50);
    time.advance(Duration.ofSeconds(1));
    assertThat(swept).isEmpty();
  }
}
