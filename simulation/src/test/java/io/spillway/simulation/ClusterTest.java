package io.spillway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.simulation.Cluster.Outcome;
import io.spillway.simulation.Cluster.Scale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cluster under faults, seed by seed, and the proof that the rules can be broken. */
final class ClusterTest {
  private static final int SEEDS = 20;

  @Test
  void noRuleIsBrokenInTwentySeedsOfTwoThousandEgresses() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Outcome outcome = Cluster.run(seed, Scale.usual(2000), Mutant.NONE);
      assertThat(outcome.broken()).as("seed %d: %s", seed, outcome).isEmpty();
      assertThat(outcome.accepted()).as("seed %d: %s", seed, outcome).isGreaterThan(1000);
    }
  }

  @Test
  void aSeedGivesTheSameRunAgain() {
    Scale small = Scale.usual(300);
    assertThat(Cluster.run(7, small, Mutant.NONE)).isEqualTo(Cluster.run(7, small, Mutant.NONE));
  }

  @ParameterizedTest
  @CsvSource({
    "NO_FENCE, never two parts under one name",
    "NO_DEDUP, one end for each egress",
    "BACKWARD_STATUS, no status goes backward",
    "LOST_OUTBOX, a webhook for each terminal status",
    "BLIND_DESK, a restarted node takes no egress from who records it",
    "ONE_TRY, no start fails while a healthy node",
  })
  void eachMutantBreaksItsOwnRuleWithinTwentySeeds(Mutant mutant, String rule) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Outcome outcome = Cluster.run(seed, Scale.usual(1000), mutant);
      if (outcome.broken().stream().anyMatch(broken -> broken.contains(rule))) {
        return;
      }
    }
    throw new AssertionError(mutant + " did not break '" + rule + "' in " + SEEDS + " seeds");
  }
}
