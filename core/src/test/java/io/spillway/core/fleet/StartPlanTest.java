package io.spillway.core.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.fleet.DispatchChoice.Refusal;
import io.spillway.core.fleet.StartPlan.Effect;
import io.spillway.core.fleet.StartPlan.Event;
import io.spillway.core.fleet.StartPlan.State;
import io.spillway.core.fleet.StartPlan.Step;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The way of a start through the fleet. */
final class StartPlanTest {
  private static final Duration FULL = Duration.ofSeconds(10);
  private static final Duration SPENT = Duration.ofMillis(150);

  private Step step = StartPlan.begin(1);

  private void see(Event event, Duration left) {
    step = StartPlan.next(step.state(), event, left);
  }

  @Test
  void aConfirmedStartAsksOneNodeOnce() {
    assertThat(step.effect()).isEqualTo(new Effect.Choose(Set.of()));
    see(new Event.Chosen("a"), FULL);
    assertThat(step.effect()).isEqualTo(new Effect.Ask("a", 1, Duration.ofSeconds(2)));
    see(new Event.Accepted(), FULL);
    assertThat(step).isEqualTo(new Step(new State.Started(1), new Effect.Finish()));
  }

  @Test
  void anUnconfirmedStartIsFencedAndSentToAnotherNodeUnderTheNextEpoch() {
    see(new Event.Chosen("a"), FULL);
    see(new Event.Unconfirmed("silence"), Duration.ofSeconds(8));
    assertThat(step.effect())
        .isEqualTo(new Effect.Fence(1, Duration.ZERO, "node a did not confirm the start: silence"));
    see(new Event.Fenced(2), Duration.ofSeconds(8));
    assertThat(step.effect()).isEqualTo(new Effect.Choose(Set.of("a")));
    see(new Event.Chosen("b"), Duration.ofMillis(1500));
    assertThat(step.effect()).isEqualTo(new Effect.Ask("b", 2, Duration.ofMillis(1500)));
    see(new Event.Accepted(), FULL);
    assertThat(step.state()).isEqualTo(new State.Started(2));
  }

  @Test
  void aNodeThatHadReportedKeepsTheStartWhoseAnswerWasLost() {
    see(new Event.Chosen("a"), FULL);
    see(new Event.Unconfirmed("silence"), FULL);
    see(new Event.TakenAfterAll(), Duration.ZERO);
    assertThat(step.state()).isEqualTo(new State.Started(1));
  }

  @Test
  void aNodeThatSaysNoIsNotFencedAndWhenAllSaidNoTheCallerHearsItAtOnce() {
    see(new Event.Chosen("a"), FULL);
    see(new Event.TurnedDown("full"), FULL);
    assertThat(step.effect()).isEqualTo(new Effect.Choose(Set.of("a")));
    see(new Event.NobodyFits(Refusal.ALL_TRIED), FULL);
    assertThat(step).isEqualTo(new Step(new State.Failed(1, "a: full"), new Effect.Finish()));
  }

  @Test
  void aNodeThatDoesNotClaimIsNotFencedAndGetsAnotherChanceLater() {
    see(new Event.Chosen("a"), FULL);
    see(new Event.Unclaimed("no claim"), FULL);
    assertThat(step.effect()).isEqualTo(new Effect.Choose(Set.of("a")));
    see(new Event.NobodyFits(Refusal.ALL_TRIED), FULL);
    assertThat(step.effect()).isEqualTo(new Effect.WaitThenChoose(StartPlan.LOOK_AGAIN, Set.of()));
  }

  @Test
  void aBadRequestIsNotCarriedToTheNextNode() {
    see(new Event.Chosen("a"), FULL);
    see(new Event.Rejected("no such codec"), FULL);
    assertThat(step.state()).isEqualTo(new State.Failed(1, "no such codec"));
  }

  @Test
  void whenAllWereTriedAndOneWasSilentEverybodyGetsAnotherChance() {
    see(new Event.Chosen("a"), FULL);
    see(new Event.Unconfirmed("silence"), FULL);
    see(new Event.Fenced(2), FULL);
    see(new Event.NobodyFits(Refusal.ALL_TRIED), FULL);
    assertThat(step.effect()).isEqualTo(new Effect.WaitThenChoose(StartPlan.LOOK_AGAIN, Set.of()));
    see(new Event.Chosen("a"), FULL);
    assertThat(step.effect()).isEqualTo(new Effect.Ask("a", 2, Duration.ofSeconds(2)));
  }

  @ParameterizedTest
  @EnumSource(value = Refusal.class, mode = EnumSource.Mode.EXCLUDE, names = "ALL_TRIED")
  void aCertainRefusalComesAtOnceAndADoubtfulOneWaitsForTheBudget(Refusal why) {
    see(new Event.NobodyFits(why), FULL);
    if (why.isCertain()) {
      assertThat(step.state()).isEqualTo(new State.Failed(1, why.words()));
    } else {
      assertThat(step.effect())
          .isEqualTo(new Effect.WaitThenChoose(StartPlan.LOOK_AGAIN, Set.of()));
      see(new Event.NobodyFits(why), SPENT);
      assertThat(step.state()).isInstanceOf(State.Failed.class);
    }
  }

  @Test
  void theBudgetEndsEveryState() {
    see(new Event.Chosen("a"), SPENT);
    assertThat(step.state()).isInstanceOf(State.Failed.class);

    step = StartPlan.begin(1);
    see(new Event.Chosen("a"), FULL);
    see(new Event.Unconfirmed("silence"), FULL);
    see(new Event.StoreAway("no disk"), FULL);
    assertThat(step.effect())
        .isEqualTo(
            new Effect.Fence(1, StartPlan.LOOK_AGAIN, "node a did not confirm the start: silence"));
    see(new Event.StoreAway("no disk"), SPENT);
    assertThat(((State.Failed) step.state()).why()).contains("did not confirm", "no disk");

    step = StartPlan.begin(1);
    see(new Event.Chosen("a"), FULL);
    see(new Event.Unconfirmed("silence"), FULL);
    see(new Event.Fenced(2), SPENT);
    assertThat(((State.Failed) step.state()).epoch())
        .as("what was fenced last is what ends: no node can bring it back")
        .isEqualTo(2);
  }

  @Test
  void anEventThatCannotComeIsADefect() {
    assertThatThrownBy(() -> see(new Event.Accepted(), FULL))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
