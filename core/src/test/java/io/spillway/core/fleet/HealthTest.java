package io.spillway.core.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Health as a function of both ways. */
final class HealthTest {
  private static final Health.Rules RULES = Health.Rules.usual();

  @ParameterizedTest(name = "lease {0} ms, canary {1} with {2} misses, status {3} ms, draining {4}")
  @CsvSource({
    "    0, GOOD,     0,     0, false, HEALTHY",
    " 3500, GOOD,     0,     0, false, HEALTHY",
    " 3501, GOOD,     0,     0, false, SUSPECT",
    " 6000, GOOD,     0,     0, false, SUSPECT",
    " 6001, GOOD,     0,     0, false, WEDGED",
    " 6001, GOOD,     2,     0, false, WEDGED",
    " 6001, FAILED,   0,     0, false, GONE",
    " 6001, UNPROVEN, 0,     0, false, GONE",
    "    0, GOOD,     1,     0, false, HEALTHY",
    "    0, GOOD,     2,     0, false, SUSPECT",
    "    0, FAILED,   0,     0, false, WEDGED",
    "    0, FAILED,   0,     0, true,  WEDGED",
    "    0, UNPROVEN, 0,     0, false, SUSPECT",
    "    0, UNPROVEN, 0,     0, true,  DRAINING",
    "    0, GOOD,     0,  7000, false, HEALTHY",
    "    0, GOOD,     0,  7001, false, SUSPECT",
    "    0, GOOD,     0, 12001, false, WEDGED",
    "    0, GOOD,     0,     0, true,  DRAINING",
    " 7000, GOOD,     0,     0, true,  WEDGED",
    " 7000, FAILED,   0,     0, true,  GONE",
  })
  void healthFollowsFromBothWays(
      long leaseMillis,
      Canary.State canary,
      int misses,
      long statusMillis,
      boolean draining,
      Health expected) {
    Health.Signs signs =
        new Health.Signs(
            Duration.ofMillis(leaseMillis),
            new Canary(canary, misses),
            Duration.ofMillis(statusMillis),
            draining);
    assertThat(Health.of(signs, RULES)).isEqualTo(expected);
    assertThat(Health.answers(signs, RULES))
        .isEqualTo(leaseMillis <= 6000 || canary == Canary.State.GOOD);
  }

  @Test
  void threeMissesFailAndTwoAnswersProveAgain() {
    Canary canary = Canary.NEW.after(true);
    assertThat(canary.state()).isEqualTo(Canary.State.GOOD);
    canary = canary.after(false).after(false);
    assertThat(canary).isEqualTo(new Canary(Canary.State.GOOD, 2));
    assertThat(canary.after(true).misses()).isZero();
    canary = canary.after(false);
    assertThat(canary.state()).isEqualTo(Canary.State.FAILED);
    assertThat(canary.after(true).state()).isEqualTo(Canary.State.FAILED);
    assertThat(canary.after(true).after(false).after(true).state()).isEqualTo(Canary.State.FAILED);
    assertThat(canary.after(true).after(true)).isEqualTo(new Canary(Canary.State.GOOD, 0));
    assertThat(Canary.NEW.after(false).after(false).after(false).state())
        .isEqualTo(Canary.State.FAILED);
  }

  @ParameterizedTest(name = "Go node: claimed {0} ms ago, reported {1}, ended {2}")
  @CsvSource({
    " 1999, false, false, OPEN",
    " 2001, false, false, BROKEN",
    " 2001, true,  false, OPEN",
    "15001, true,  false, BROKEN",
    " 3000, true,  true,  KEPT",
  })
  void aGoNodeIsJudgedByWhatBecameOfItsClaims(
      long ageMillis, boolean reported, boolean ended, GoNodeHealth.Outcome expected) {
    assertThat(
            GoNodeHealth.outcome(
                new GoNodeHealth.Claimed(Duration.ofMillis(ageMillis), reported, ended)))
        .isEqualTo(expected);
  }

  @Test
  void aGoNodeThatClaimsAndNeverReportsGetsNoWorkAndIsTriedAgainEverMoreRarely() {
    GoNodeHealth node = GoNodeHealth.NEW;
    assertThat(node.health(Duration.ZERO)).isEqualTo(Health.HEALTHY);
    assertThat(node.health(Duration.ofSeconds(61))).isEqualTo(Health.SUSPECT);
    node = node.after(GoNodeHealth.Outcome.BROKEN);
    assertThat(node.health(Duration.ZERO)).isEqualTo(Health.SUSPECT);
    assertThat(node.mayTryAgain(Duration.ofSeconds(29))).isFalse();
    assertThat(node.mayTryAgain(Duration.ofSeconds(30))).isTrue();
    node = node.after(GoNodeHealth.Outcome.BROKEN);
    assertThat(node.health(Duration.ZERO)).isEqualTo(Health.WEDGED);
    assertThat(node.mayTryAgain(Duration.ofSeconds(59))).isFalse();
    assertThat(node.after(GoNodeHealth.Outcome.KEPT)).isEqualTo(GoNodeHealth.NEW);
  }
}
