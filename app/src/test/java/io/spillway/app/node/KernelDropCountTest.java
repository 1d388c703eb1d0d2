package io.spillway.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.time.SimulatedTime;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Sums over sockets that come and go. */
class KernelDropCountTest {
  private Map<Integer, Long> table = Map.of();

  private KernelDropCount count(int portMin, int portMax) {
    return new KernelDropCount(() -> table, portMin, portMax, new SimulatedTime());
  }

  private void sample(KernelDropCount count, Map<Integer, Long> drops) {
    table = drops;
    count.sample();
  }

  @Test
  void dropsAddUpOverSocketsThatComeAndGo() {
    try (KernelDropCount count = count(0, 0)) {
      sample(count, Map.of(5000, 70L));
      assertThat(count.total()).as("dropped before us").isZero();
      sample(count, Map.of(5000, 75L, 5001, 2L));
      assertThat(count.total()).isEqualTo(7);
      sample(count, Map.of(5001, 2L));
      assertThat(count.total()).as("a closed socket takes nothing away").isEqualTo(7);
      sample(count, Map.of(5001, 1L));
      assertThat(count.total()).as("a new socket on an old port").isEqualTo(8);
    }
  }

  @Test
  void withAPortRangeOnlyThatCounts() {
    try (KernelDropCount count = count(5000, 5001)) {
      sample(count, Map.of());
      sample(count, Map.of(4999, 1L, 5000, 10L, 5001, 100L, 5002, 1000L));
      assertThat(count.total()).isEqualTo(110);
    }
  }
}
