package io.spillway.bench.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What an outcome of the storm must show before it counts as held. */
class OutcomeTest {
  private static final Set<String> ENOUGH = names(Storm.COUNTING_AT_LEAST);
  private static final Optional<StormClient.Result> CALM =
      result(Storm.CALM.answeredInTime(), List.of(), 1_500);
  private static final Optional<StormClient.Result> TROUBLED = result(200, List.of(), 1_500);
  private static final Optional<StormClient.Result> CLEAN =
      result(Storm.CLEAN.answeredInTime(), List.of(), 20);

  private static Set<String> names(int count) {
    return IntStream.range(0, count).mapToObj(n -> "c" + n).collect(Collectors.toSet());
  }

  private static Optional<StormClient.Result> result(int ok, List<String> failed, long longest) {
    return Optional.of(new StormClient.Result(ok, failed.size(), 48, longest, failed));
  }

  private static Storm.Outcome outcome(
      Optional<StormClient.Result> calm,
      Set<String> inCalm,
      Optional<StormClient.Result> troubled,
      Set<String> inTrouble,
      Optional<StormClient.Result> clean) {
    return new Storm.Outcome("ours", calm, inCalm, troubled, inTrouble, clean);
  }

  @Test
  void theStormIsHeldWhenNothingThatCountsFailed() {
    Storm.Outcome all = outcome(CALM, ENOUGH, TROUBLED, ENOUGH, CLEAN);
    assertThat(all.heldInCalm()).isTrue();
    assertThat(all.heldThroughout()).isTrue();
  }

  @Test
  void tooFewCallsThatCountProveNothing() {
    Set<String> few = names(Storm.COUNTING_AT_LEAST - 1);
    assertThat(outcome(CALM, few, TROUBLED, ENOUGH, CLEAN).heldInCalm()).isFalse();
    assertThat(outcome(CALM, ENOUGH, TROUBLED, few, CLEAN).heldInCalm()).isTrue();
    assertThat(outcome(CALM, ENOUGH, TROUBLED, few, CLEAN).heldThroughout()).isFalse();
  }

  @Test
  void aCallThatWasAnsweredAndFailedIsNotHeldAndOneThatWasNotAnsweredCountsNothing() {
    Optional<StormClient.Result> answered = result(300, List.of("c7"), 1_500);
    Optional<StormClient.Result> unanswered = result(300, List.of("other"), 1_500);
    assertThat(outcome(answered, ENOUGH, TROUBLED, ENOUGH, CLEAN).heldInCalm()).isFalse();
    assertThat(outcome(unanswered, ENOUGH, TROUBLED, ENOUGH, CLEAN).heldInCalm()).isTrue();
    assertThat(outcome(unanswered, ENOUGH, TROUBLED, ENOUGH, CLEAN).heldThroughout()).isFalse();
    assertThat(outcome(CALM, ENOUGH, answered, ENOUGH, CLEAN).heldThroughout()).isFalse();
    assertThat(outcome(CALM, ENOUGH, unanswered, ENOUGH, CLEAN).heldThroughout()).isTrue();
  }

  @Test
  void aCleanCallThatIsMissingOrSlowIsNotHeld() {
    Optional<StormClient.Result> missing = result(63, List.of("c1"), 20);
    Optional<StormClient.Result> slow = result(64, List.of(), 1_001);
    for (var clean : List.of(missing, slow, Optional.<StormClient.Result>empty())) {
      assertThat(outcome(CALM, ENOUGH, TROUBLED, ENOUGH, clean).heldThroughout()).isFalse();
    }
  }
}
