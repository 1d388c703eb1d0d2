package io.spillway.rpc.client;

import io.spillway.protocol.psrpc.Response;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcMetrics.CallEnd;
import java.util.Optional;

/**
 * Where a unary call stands. {@link #next} is the only place that moves it:
 *
 * <ul>
 *   <li>Selecting → Awaiting: a claim that is taken at once, or the time to decide with a best
 *       claim
 *   <li>Selecting → Ended: the time to decide without one, a final refusal, or it failed
 *   <li>Awaiting → Ended: the chosen server's answer, the deadline, or it failed
 *   <li>Ended: nothing moves it; an answer that still comes is a repetition
 * </ul>
 */
sealed interface CallState {
  /** Waiting for claims. {@code best} is empty as long as no claim had an affinity above 0. */
  record Selecting(
      int claims, String best, float bestAffinity, long decideAtNanos, Optional<Response> refusal)
      implements CallState {}

  /** Waiting for the answer of {@code serverId}; empty: of any server. */
  record Awaiting(String serverId) implements CallState {}

  /** Over. */
  record Ended(Result result) implements CallState {}

  /** How it ended. */
  sealed interface Result {
    /** A server's answer, good or bad. */
    record Answered(Response response) implements Result {}

    /**
     * Without one.
     *
     * @param mayHaveRun a server was told to carry it out
     */
    record Failed(RpcCode code, String text, CallEnd end, boolean mayHaveRun) implements Result {}
  }

  /** What happens to a call. */
  sealed interface Event {
    /** A server bids. */
    record Claimed(String serverId, float affinity) implements Event {}

    /** A server answers. */
    record Answered(Response response) implements Event {}

    /** Time has passed. */
    record Tick() implements Event {}

    /** It can't go on. */
    record Cut(RpcCode code, String text) implements Event {}
  }

  /** What the client then has to do. */
  sealed interface Effect {
    /** Nothing. */
    record None() implements Effect {}

    /** Tell the servers who was chosen. */
    record Choose(String serverId) implements Effect {}

    /** Wake the caller. */
    record Finish() implements Effect {}

    /** Count what was ignored. */
    record Drop(DropReason reason) implements Effect {}
  }

  /** The next state and what to do. */
  record Step(CallState state, Effect effect) {
    private static Step stay(CallState state) {
      return new Step(state, new Effect.None());
    }

    private static Step drop(CallState state, DropReason reason) {
      return new Step(state, new Effect.Drop(reason));
    }

    private static Step end(Result result) {
      return new Step(new Ended(result), new Effect.Finish());
    }

    private static Step choose(String serverId) {
      return new Step(new Awaiting(serverId), new Effect.Choose(serverId));
    }
  }

  /** Before anything came. */
  static CallState first(CallPolicy policy) {
    return policy.claims()
        ? new Selecting(0, "", 0, policy.selectUntilNanos(), Optional.empty())
        : new Awaiting("");
  }

  /** When the next {@link Event.Tick} matters. */
  default long dueNanos(CallPolicy policy) {
    return switch (this) {
      case Selecting s -> s.decideAtNanos();
      case Awaiting a -> policy.answerUntilNanos();
      case Ended e -> Long.MAX_VALUE;
    };
  }

  /** The transition table. */
  static Step next(CallPolicy policy, CallState state, Event event, long nowNanos) {
    return switch (state) {
      case Selecting s ->
          switch (event) {
            case Event.Claimed c -> claimed(policy, s, c, nowNanos);
            case Event.Answered a -> refused(policy, s, a.response());
            case Event.Tick t -> nowNanos < s.decideAtNanos() ? Step.stay(s) : decide(s);
            case Event.Cut c -> Step.end(cut(c, false));
          };
      case Awaiting w ->
          switch (event) {
            case Event.Claimed c -> Step.stay(w); // a loser of the selection: no fault of its own
            case Event.Answered a -> answered(w, a.response());
            case Event.Tick t ->
                nowNanos < policy.answerUntilNanos() ? Step.stay(w) : Step.end(timedOut(policy));
            case Event.Cut c -> Step.end(cut(c, true));
          };
      case Ended e ->
          event instanceof Event.Answered ? Step.drop(e, DropReason.REPEATED) : Step.stay(e);
    };
  }

  private static Step claimed(
      CallPolicy policy, Selecting state, Event.Claimed claim, long nowNanos) {
    if (policy.takesAtOnce(claim.affinity())) {
      return Step.choose(claim.serverId());
    }
    boolean better = claim.affinity() > state.bestAffinity(); // false for NaN: never chosen
    // The wait for a better one runs from the first claim that may be chosen.
    long decideAt =
        better && state.best().isEmpty()
            ? Math.min(state.decideAtNanos(), nowNanos + policy.shortCircuitNanos())
            : state.decideAtNanos();
    return Step.stay(
        new Selecting(
            state.claims() + 1,
            better ? claim.serverId() : state.best(),
            better ? claim.affinity() : state.bestAffinity(),
            decideAt,
            state.refusal()));
  }

  /**
   * An answer before any choice: the server could not read the request. Where others may read it
   * (not a queue), they have until the selection's end to claim.
   */
  private static Step refused(CallPolicy policy, Selecting state, Response response) {
    if (response.getError().isEmpty()) {
      return Step.drop(state, DropReason.UNKNOWN); // ran without having been chosen
    }
    if (policy.onlyServer()) {
      return Step.end(new Result.Answered(response));
    }
    return Step.stay(
        new Selecting(
            state.claims(),
            state.best(),
            state.bestAffinity(),
            state.decideAtNanos(),
            Optional.of(response)));
  }

  private static Step decide(Selecting state) {
    if (!state.best().isEmpty()) {
      return Step.choose(state.best());
    }
    if (state.refusal().isPresent()) {
      return Step.end(new Result.Answered(state.refusal().get()));
    }
    if (state.claims() > 0) {
      String text = "no servers available (received " + state.claims() + " responses)";
      return Step.end(new Result.Failed(RpcCode.UNAVAILABLE, text, CallEnd.UNCHOSEN, false));
    }
    return Step.end(
        new Result.Failed(
            RpcCode.UNAVAILABLE, "no response from servers", CallEnd.UNANSWERED, false));
  }

  private static Step answered(Awaiting state, Response response) {
    boolean chosen = state.serverId().isEmpty() || state.serverId().equals(response.getServerId());
    return chosen ? Step.end(new Result.Answered(response)) : Step.drop(state, DropReason.UNKNOWN);
  }

  private static Result timedOut(CallPolicy policy) {
    CallEnd end = policy.claims() ? CallEnd.TIMED_OUT : CallEnd.UNANSWERED;
    return new Result.Failed(RpcCode.DEADLINE_EXCEEDED, "request timed out", end, true);
  }

  private static Result cut(Event.Cut cut, boolean mayHaveRun) {
    return new Result.Failed(cut.code(), cut.text(), CallEnd.CUT, mayHaveRun);
  }
}
