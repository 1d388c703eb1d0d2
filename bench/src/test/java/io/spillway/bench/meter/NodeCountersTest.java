package io.spillway.bench.meter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NodeCountersTest {
  private static final String METRICS =
      """
      # HELP spillway_media_packets_expected_total RTP packets sent to us
      # TYPE spillway_media_packets_expected_total counter
      spillway_media_packets_expected_total 1.5E7
      spillway_media_packets_received_total 14999990.0
      spillway_media_packets_lost_total 10.0
      spillway_media_packets_recovered_total 3.0
      spillway_media_frames_dropped_total 2.0
      spillway_media_frames_not_written_total 1.0
      jvm_memory_used_bytes{area="heap"} 1048576.0
      jvm_memory_used_bytes{area="nonheap"} 5.0
      """;

  @Test
  void countersAreReadFromPrometheusText() {
    assertThat(NodeCounters.parse(METRICS))
        .isEqualTo(new NodeCounters(15_000_000, 14_999_990, 10, 3, 2, 1, 1 << 20));
  }

  @Test
  void aNodeThatLacksACounterIsNotMeasuredAsZero() {
    assertThatThrownBy(() -> NodeCounters.parse("up 1\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("spillway_media_packets_expected_total");
  }

  @Test
  void theDifferenceKeepsTheHeapOfNow() {
    NodeCounters earlier = new NodeCounters(100, 90, 5, 4, 3, 2, 1000);
    NodeCounters now = new NodeCounters(300, 289, 6, 6, 6, 6, 500);

    assertThat(now.since(earlier)).isEqualTo(new NodeCounters(200, 199, 1, 2, 3, 4, 500));
  }
}
