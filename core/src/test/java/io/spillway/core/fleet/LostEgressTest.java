package io.spillway.core.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.LostEgress.Holder;
import io.spillway.core.fleet.LostEgress.OnNodeLoss;
import io.spillway.core.fleet.LostEgress.Row;
import io.spillway.core.fleet.LostEgress.Verdict;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether an egress has lost its recorder, and what follows. */
final class LostEgressTest {
  @ParameterizedTest(
      name =
          "begun {0}, placer gone {1}, unchanged {2} ms, ending {3}, can go on {4};"
              + " node {5} silent {6} ms, lists {7}, lease after row {8}; {9}")
  @CsvSource({
    // nobody reported it yet: its controller is placing it, or was
    "false, false, 44000, false, true,  '',      44000, false, false, CONTINUE, KEEP",
    "false, true,   2999, false, true,  '',       2999, false, false, CONTINUE, KEEP",
    "false, true,   3001, false, true,  '',       3001, false, false, CONTINUE, CONTINUE",
    "false, false, 45001, false, true,  '',      45001, false, false, CONTINUE, CONTINUE",
    "false, false, 45001, false, true,  '',      45001, false, false, END,      END",
    "false, false, 45001, false, false, '',      45001, false, false, CONTINUE, END",
    // its node is dead on both ways
    "true, false, 9000, false, true,  GONE,     5999, true,  true,  CONTINUE, KEEP",
    "true, false, 9000, false, true,  GONE,     6001, true,  true,  CONTINUE, CONTINUE",
    "true, false, 9000, true,  true,  GONE,     6001, true,  true,  CONTINUE, END",
    "true, false, 9000, false, true,  GONE,     6001, true,  true,  END,      END",
    "true, false, 9000, false, true,  '',       6001, false, false, CONTINUE, CONTINUE",
    // but another controller heard it a moment ago: it may be joining now
    "true, false, 5999, false, true,  GONE,     9000, true,  true,  CONTINUE, KEEP",
    // it is heard on one way: its recordings run, they are not taken away
    "true, false, 9000, false, true,  WEDGED,  60000, true,  false, CONTINUE, KEEP",
    "true, false, 9000, false, true,  DRAINING,    0, true,  true,  CONTINUE, KEEP",
    // it lives and doesn't have it any more
    "true, false, 9000, false, true,  HEALTHY,     0, false, true,  CONTINUE, KEEP",
    "true, false, 10001, false, true,  HEALTHY,     0, false, true,  CONTINUE, CONTINUE",
    "true, false, 10001, false, true,  HEALTHY,     0, false, false, CONTINUE, KEEP",
    "true, false, 10001, false, true,  HEALTHY,     0, true,  true,  CONTINUE, KEEP",
    "true, false, 10001, true,  true,  HEALTHY,     0, false, true,  CONTINUE, END",
  })
  void theVerdictFollowsFromRowAndHolder(
      boolean begun,
      boolean placerGone,
      long unchangedMillis,
      boolean ending,
      boolean canContinue,
      String health,
      long silentMillis,
      boolean lists,
      boolean leaseAfterRow,
      OnNodeLoss onNodeLoss,
      Verdict expected) {
    Row row = new Row(begun, placerGone, Duration.ofMillis(unchangedMillis), ending, canContinue);
    Optional<Health> known =
        health.isEmpty() ? Optional.empty() : Optional.of(Health.valueOf(health));
    Holder holder = new Holder(known, Duration.ofMillis(silentMillis), lists, leaseAfterRow);
    assertThat(LostEgress.judge(row, holder, onNodeLoss, LostEgress.Rules.usual()))
        .isEqualTo(expected);
  }
}
