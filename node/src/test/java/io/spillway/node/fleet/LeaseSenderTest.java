package io.spillway.node.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Lease;
import io.spillway.core.time.SimulatedTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
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
  void aNodeIsUnheardUntilAControllerAnswersAndWhenNoneHasForAsLongAsItTakesToLoseOne() {
    AtomicBoolean away = new AtomicBoolean(true);
    LeaseTarget controller =
        _ -> {
          if (away.get()) {
            throw new LeaseTarget.LeaseException("nobody there");
          }
          return List.of();
        };
    LeaseTarget dead =
        _ -> {
          throw new LeaseTarget.LeaseException("refused");
        };
    LeaseSender sender = sender(dead, controller);
    assertThat(sender.unheard()).contains("no controller has answered a lease yet");
    sender.start();
    assertThat(sender.unheard())
        .contains("no controller has answered a lease yet: refused, nobody there");

    away.set(false);
    time.advance(LeaseSender.SOONER);
    assertThat(sender.unheard()).as("one of them is enough").isEmpty();
    away.set(true);
    time.advance(LeaseSender.UNHEARD_AFTER);
    assertThat(sender.unheard()).as("a pause that costs no work").isEmpty();
    time.advance(LeaseSender.EVERY);
    assertThat(sender.unheard().orElseThrow())
        .startsWith("no controller has answered a lease for ")
        .endsWith(" s: refused, nobody there");

    away.set(false);
    time.advance(LeaseSender.EVERY);
    assertThat(sender.unheard()).isEmpty();
    assertThat(sender().unheard()).as("under a livekit-server").isEmpty();
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
