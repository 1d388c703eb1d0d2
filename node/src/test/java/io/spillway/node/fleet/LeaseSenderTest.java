package io.spillway.node.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Lease;
import io.spillway.core.time.SimulatedTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseSenderTest {
  private final SimulatedTime time = new SimulatedTime();
  private final List<Lease> leases = new ArrayList<>();

  private static Lease lease(long number) {
    return new Lease(
        "NE_1",
        number,
        "",
        "",
        "",
        new Admission.Load(4, 0, 0, 0, 0, 0),
        new Admission.Limits(0.8, 0, 0),
        new Admission.Cost(0.01, 0),
        false,
        Duration.ZERO,
        List.of(),
        0);
  }

  private LeaseSender sender(LeaseTarget... controllers) {
    return new LeaseSender(
        LeaseSenderTest::lease, _ -> {}, List.of(controllers), time, Runnable::run);
  }

  private LeaseTarget controller() {
    return lease -> {
      leases.add(lease);
      return List.of();
    };
  }

  @Test
  void theLastLeaseSaysThatTheNodeLeavesAndNoneFollows() throws Exception {
    LeaseTarget dead =
        _ -> {
          throw new LeaseTarget.LeaseException("nobody there");
        };
    LeaseSender sender = sender(dead, controller());
    sender.start();
    time.advance(Duration.ofSeconds(2));
    assertThat(leases).hasSize(2).noneMatch(Lease::draining);
    sender.farewell(Duration.ofSeconds(1));
    assertThat(leases).hasSize(3).last().matches(Lease::draining);
    assertThat(leases.get(2).number()).isGreaterThan(leases.get(1).number());
    time.advance(Duration.ofSeconds(10));
    assertThat(leases).hasSize(3);
  }
}
