package io.spillway.node.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Lease;
import io.spillway.core.time.SimulatedTime;
import io.spillway.node.fleet.LeaseTarget.LeaseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LeaseSenderTest {
  private final SimulatedTime time = new SimulatedTime();
  private final List<Lease> taken = new ArrayList<>();
  private boolean draining;

  private Lease lease(long number) {
    return new Lease(
        "ND_1",
        number,
        "",
        "",
        "test",
        new Admission.Load(4, 0, 0, 0, 0, 0),
        new Admission.Limits(0.8, 0, 10),
        new Admission.Cost(0.01, 0),
        draining,
        Duration.ZERO,
        List.of(),
        0);
  }

  @Test
  void aNodeThatLeavesSaysSoOnceMoreAndThenNothing() throws Exception {
    LeaseTarget away =
        _ -> {
          throw new LeaseException("away");
        };
    LeaseTarget well =
        lease -> {
          taken.add(lease);
          return List.of();
        };
    LeaseSender sender =
        new LeaseSender(this::lease, _ -> {}, List.of(away, well), time, Runnable::run);
    sender.start();
    time.advance(LeaseSender.EVERY);
    assertThat(taken).hasSize(2);
    draining = true;
    sender.leave(Duration.ofSeconds(1));
    assertThat(taken).hasSize(3);
    assertThat(taken.getLast().draining()).isTrue();
    assertThat(taken.getLast().number()).isGreaterThan(taken.get(1).number());
    time.advance(LeaseSender.EVERY.multipliedBy(3));
    assertThat(taken).hasSize(3);
  }
}
