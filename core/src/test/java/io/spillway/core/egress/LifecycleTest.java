package io.spillway.core.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.egress.Lifecycle.Effect;
import io.spillway.core.egress.Lifecycle.Event;
import io.spillway.core.egress.Lifecycle.State;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class LifecycleTest {
  private static final Failure LOST = Failure.connectionFailed();
  private static final State STARTING = new State.Starting();
  private static final State ACTIVE = new State.Active();

  static Stream<Arguments> transitions() {
    String early = "Stop called before pipeline could start";
    return Stream.of(
        row(STARTING, new Event.MediaFlows(), ACTIVE, Effect.REPORT_ACTIVE),
        row(STARTING, new Event.StopAsked(), aborted(early, EndReason.STOP_CALLED), Effect.FINISH),
        row(
            STARTING,
            new Event.SourceEnded(),
            aborted(early, EndReason.SOURCE_CLOSED),
            Effect.FINISH),
        row(
            STARTING,
            new Event.ShuttingDown(),
            aborted(early, EndReason.PROCESS_KILLED),
            Effect.FINISH),
        row(
            STARTING,
            new Event.LimitReached(),
            aborted("Session limit reached before start signal", EndReason.LIMIT_REACHED),
            Effect.FINISH),
        row(STARTING, new Event.Broken(LOST), failed(LOST), Effect.FINISH),
        row(STARTING, new Event.FileClosed(), STARTING),
        row(ACTIVE, new Event.MediaFlows(), ACTIVE),
        row(
            ACTIVE,
            new Event.StopAsked(),
            complete(EndReason.STOP_CALLED),
            Effect.REPORT_ENDING,
            Effect.FINISH),
        row(
            ACTIVE,
            new Event.SourceEnded(),
            complete(EndReason.SOURCE_CLOSED),
            Effect.REPORT_ENDING,
            Effect.FINISH),
        row(
            ACTIVE,
            new Event.ShuttingDown(),
            complete(EndReason.PROCESS_KILLED),
            Effect.REPORT_ENDING,
            Effect.FINISH),
        row(
            ACTIVE,
            new Event.LimitReached(),
            new State.Finishing(Outcome.limitReached()),
            Effect.FINISH),
        row(ACTIVE, new Event.Broken(LOST), failed(LOST), Effect.FINISH),
        row(ACTIVE, new Event.FileClosed(), ACTIVE),
        row(complete(EndReason.STOP_CALLED), new Event.Broken(LOST), failed(LOST)),
        row(new State.Finishing(Outcome.limitReached()), new Event.Broken(LOST), failed(LOST)),
        row(
            complete(EndReason.STOP_CALLED),
            new Event.SourceEnded(),
            complete(EndReason.STOP_CALLED)),
        row(
            complete(EndReason.STOP_CALLED),
            new Event.LimitReached(),
            complete(EndReason.STOP_CALLED)),
        row(
            complete(EndReason.STOP_CALLED),
            new Event.FileClosed(),
            new State.Ended(Outcome.complete(EndReason.STOP_CALLED)),
            Effect.REPORT_OUTCOME));
  }

  @ParameterizedTest
  @MethodSource("transitions")
  void eachEventLeadsWhereTheHeaderSays(State from, Event event, State to, List<Effect> effects) {
    assertThat(Lifecycle.next(from, event)).isEqualTo(new Lifecycle.Step(to, effects));
  }

  @Test
  void theFirstFailureIsTheOneThatIsTold() {
    State failed = failed(LOST);

    assertThat(Lifecycle.next(failed, new Event.Broken(Failure.internal("later"))).state())
        .isEqualTo(failed);
  }

  @Test
  void nothingFollowsTheEnd() {
    State ended = new State.Ended(Outcome.limitReached());
    Stream.of(
            new Event.MediaFlows(),
            new Event.StopAsked(),
            new Event.SourceEnded(),
            new Event.ShuttingDown(),
            new Event.LimitReached(),
            new Event.Broken(LOST),
            new Event.FileClosed())
        .forEach(event ->
            assertThat(Lifecycle.next(ended, event))
                .isEqualTo(new Lifecycle.Step(ended, List.of())));
  }

  private static Arguments row(State from, Event event, State to, Effect... effects) {
    return Arguments.of(from, event, to, List.of(effects));
  }

  private static State complete(EndReason reason) {
    return new State.Finishing(Outcome.complete(reason));
  }

  private static State failed(Failure failure) {
    return new State.Finishing(Outcome.failed(failure));
  }

  private static State aborted(String text, EndReason reason) {
    return new State.Finishing(Outcome.aborted(text, reason));
  }
}
