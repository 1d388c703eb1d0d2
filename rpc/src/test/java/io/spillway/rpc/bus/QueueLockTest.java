package io.spillway.rpc.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.time.SimulatedTime;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.RpcMetrics;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class QueueLockTest {
  private final SimulatedTime time = new SimulatedTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final QueueLock lock =
      new QueueLock(() -> null, new BusLimits(10, 1_000, 1_000), time, metrics, (link, why) -> {});

  private void compete(int bytes) {
    lock.compete(
        new byte[bytes],
        () -> {
          throw new AssertionError("there is no link to win on");
        });
  }

  @Test
  void moreBytesThanMayWaitForTheirLockAreDroppedAndRoomComesBack() {
    compete(600);
    compete(600);
    assertThat(metrics.drops(DropReason.OVERFLOW)).isEqualTo(1);
    time.advance(Duration.ofSeconds(2));
    assertThat(metrics.drops(DropReason.EXPIRED)).isEqualTo(1);
    compete(600);
    assertThat(metrics.drops(DropReason.OVERFLOW)).isEqualTo(1);
  }

  @Test
  void moreMessagesThanMayWaitForTheirLockAreDroppedAndRoomComesBack() {
    for (int i = 0; i < 11; i++) {
      compete(1);
    }
    assertThat(metrics.drops(DropReason.OVERFLOW)).isEqualTo(1);
    time.advance(Duration.ofSeconds(2));
    compete(1);
    assertThat(metrics.drops(DropReason.OVERFLOW)).isEqualTo(1);
  }
}
