package io.spillway.core.egress;

import java.util.List;

/**
 * The state machine of one egress on its node. The only place where a state follows another.
 *
 * <pre>
 * Starting  --MediaFlows-->   Active      report ACTIVE          first frame, or subscribed to a muted track
 * Starting  --StopAsked-->    Finishing   ABORTED 412            "Stop called before pipeline could start"
 * Starting  --SourceEnded-->  Finishing   ABORTED 412            likewise, details "Source closed"
 * Starting  --LimitReached--> Finishing   ABORTED 412            "Session limit reached before start signal"
 * Starting  --Broken-->       Finishing   FAILED
 * Active    --StopAsked-->    Finishing   report ENDING; COMPLETE
 * Active    --SourceEnded-->  Finishing   report ENDING; COMPLETE
 * Active    --ShuttingDown--> Finishing   report ENDING; COMPLETE "Process killed"
 * Active    --LimitReached--> Finishing   LIMIT_REACHED 413
 * Active    --Broken-->       Finishing   FAILED, what was recorded is kept
 * Finishing --Broken-->       Finishing   FAILED if it was to be COMPLETE or LIMIT_REACHED
 * Finishing --FileClosed-->   Ended       report the outcome
 * </pre>
 *
 * Every other event changes nothing. As livekit/egress pkg/pipeline/controller.go: a failure and a
 * limit go straight to the terminal status, without ENDING in between; the terminal status is
 * reported when the file is closed.
 */
public final class Lifecycle {
  private Lifecycle() {}

  /** Where an egress stands. */
  public sealed interface State {
    record Starting() implements State {}

    record Active() implements State {}

    /** The end is decided, the file is being closed. */
    record Finishing(Outcome outcome) implements State {}

    record Ended(Outcome outcome) implements State {}
  }

  /** What can happen to it. */
  public sealed interface Event {
    /** Media arrives, or is known to be muted: the recording runs. */
    record MediaFlows() implements Event {}

    /** StopEgress was called. */
    record StopAsked() implements Event {}

    /** The track, its participant or the room ended. */
    record SourceEnded() implements Event {}

    /** The session may not last longer, or the file not grow more. */
    record LimitReached() implements Event {}

    /** The node stops without waiting for recordings to end (SIGINT). */
    record ShuttingDown() implements Event {}

    /** It can't go on. */
    record Broken(Failure failure) implements Event {}

    /** The file is closed, or there was none. */
    record FileClosed() implements Event {}
  }

  /** What the shell around this function has to do, in order. */
  public enum Effect {
    REPORT_ACTIVE,
    REPORT_ENDING,
    /** Leave the room, write what is left, close the file; then say {@link Event.FileClosed}. */
    FINISH,
    REPORT_OUTCOME
  }

  /** The next state and what to do. */
  public record Step(State state, List<Effect> effects) {
    static Step to(State state, Effect... effects) {
      return new Step(state, List.of(effects));
    }

    static Step stay(State state) {
      return new Step(state, List.of());
    }
  }

  /** Follows one event. */
  public static Step next(State state, Event event) {
    return switch (state) {
      case State.Starting starting -> fromStarting(starting, event);
      case State.Active active -> fromActive(active, event);
      case State.Finishing finishing -> fromFinishing(finishing, event);
      case State.Ended ended -> Step.stay(ended);
    };
  }

  private static Step fromStarting(State.Starting state, Event event) {
    String tooEarly = "Stop called before pipeline could start";
    return switch (event) {
      case Event.MediaFlows _ -> Step.to(new State.Active(), Effect.REPORT_ACTIVE);
      case Event.StopAsked _ -> finish(Outcome.aborted(tooEarly, EndReason.STOP_CALLED));
      case Event.SourceEnded _ -> finish(Outcome.aborted(tooEarly, EndReason.SOURCE_CLOSED));
      case Event.ShuttingDown _ -> finish(Outcome.aborted(tooEarly, EndReason.PROCESS_KILLED));
      case Event.LimitReached _ ->
          finish(
              Outcome.aborted(
                  "Session limit reached before start signal", EndReason.LIMIT_REACHED));
      case Event.Broken broken -> finish(Outcome.failed(broken.failure()));
      case Event.FileClosed _ -> Step.stay(state);
    };
  }

  private static Step fromActive(State.Active state, Event event) {
    return switch (event) {
      case Event.MediaFlows _ -> Step.stay(state);
      case Event.StopAsked _ -> end(EndReason.STOP_CALLED);
      case Event.SourceEnded _ -> end(EndReason.SOURCE_CLOSED);
      case Event.ShuttingDown _ -> end(EndReason.PROCESS_KILLED);
      case Event.LimitReached _ -> finish(Outcome.limitReached());
      case Event.Broken broken -> finish(Outcome.failed(broken.failure()));
      case Event.FileClosed _ -> Step.stay(state);
    };
  }

  private static Step fromFinishing(State.Finishing state, Event event) {
    return switch (event) {
      case Event.FileClosed _ -> Step.to(new State.Ended(state.outcome()), Effect.REPORT_OUTCOME);
      case Event.Broken broken when wentWell(state.outcome()) ->
          Step.stay(new State.Finishing(Outcome.failed(broken.failure())));
      case Event.Broken _,
          Event.MediaFlows _,
          Event.StopAsked _,
          Event.SourceEnded _,
          Event.LimitReached _,
          Event.ShuttingDown _ ->
          Step.stay(state);
    };
  }

  private static boolean wentWell(Outcome outcome) {
    return switch (outcome.kind()) {
      case COMPLETE, LIMIT_REACHED -> true;
      case FAILED, ABORTED -> false;
    };
  }

  private static Step end(EndReason reason) {
    return Step.to(
        new State.Finishing(Outcome.complete(reason)), Effect.REPORT_ENDING, Effect.FINISH);
  }

  private static Step finish(Outcome outcome) {
    return Step.to(new State.Finishing(outcome), Effect.FINISH);
  }
}
