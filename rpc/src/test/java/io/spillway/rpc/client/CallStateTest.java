package io.spillway.rpc.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.protocol.psrpc.Response;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcMetrics.CallEnd;
import io.spillway.rpc.client.CallState.Awaiting;
import io.spillway.rpc.client.CallState.Effect;
import io.spillway.rpc.client.CallState.Ended;
import io.spillway.rpc.client.CallState.Event;
import io.spillway.rpc.client.CallState.Result;
import io.spillway.rpc.client.CallState.Selecting;
import io.spillway.rpc.client.CallState.Step;
import org.junit.jupiter.api.Test;

class CallStateTest {
  private static final CallPolicy FIRST = policy(true, true, 0);
  private static final CallPolicy BEST = policy(false, false, 1);
  private static final CallPolicy NO_CLAIMS =
      new CallPolicy(false, false, true, 0, 200, 1_000, 3_000);

  private static CallPolicy policy(boolean queue, boolean firstWins, float maximum) {
    return new CallPolicy(true, queue, firstWins, maximum, 200, 1_000, 3_000);
  }

  private static Step claim(CallPolicy policy, CallState state, String server, float bid, long at) {
    return CallState.next(policy, state, new Event.Claimed(server, bid), at);
  }

  private static Step tick(CallPolicy policy, CallState state, long at) {
    return CallState.next(policy, state, new Event.Tick(), at);
  }

  private static Step answer(CallPolicy policy, CallState state, Response response) {
    return CallState.next(policy, state, new Event.Answered(response), 1);
  }

  private static Response from(String server) {
    return Response.newBuilder().setServerId(server).build();
  }

  private static Response refusal(String server) {
    return from(server).toBuilder().setError("can't").setCode("malformed_request").build();
  }

  @Test
  void withoutAffinityTheFirstClaimWins() {
    Step step = claim(FIRST, CallState.first(FIRST), "A", 0, 5);
    assertThat(step).isEqualTo(new Step(new Awaiting("A"), new Effect.Choose("A")));
  }

  @Test
  void aBidOfTheMaximumIsTakenAtOnceAndAnyOtherWaitsForABetterOne() {
    Step low = claim(BEST, CallState.first(BEST), "A", 0.5f, 100);
    assertThat(low.effect()).isEqualTo(new Effect.None());
    assertThat(low.state().dueNanos(BEST)).isEqualTo(300);
    Step lower = claim(BEST, low.state(), "B", 0.01f, 150);
    assertThat(lower.state().dueNanos(BEST))
        .as("only the first claim sets the time")
        .isEqualTo(300);
    assertThat(tick(BEST, lower.state(), 299).effect()).isEqualTo(new Effect.None());
    assertThat(tick(BEST, lower.state(), 300).effect()).isEqualTo(new Effect.Choose("A"));
    assertThat(claim(BEST, lower.state(), "C", 1, 160).effect()).isEqualTo(new Effect.Choose("C"));
  }

  @Test
  void theShortCircuitNeverOutlivesTheSelection() {
    Step late = claim(BEST, CallState.first(BEST), "A", 0.5f, 950);
    assertThat(late.state().dueNanos(BEST)).isEqualTo(1_000);
  }

  @Test
  void withoutAnyClaimTheCallIsUnanswered() {
    assertThat(tick(BEST, CallState.first(BEST), 1_000).state())
        .isEqualTo(
            new Ended(
                new Result.Failed(
                    RpcCode.UNAVAILABLE, "no response from servers", CallEnd.UNANSWERED, false)));
  }

  @Test
  void claimsOfZeroOrOfNoNumberAreCountedButNotTaken() {
    CallState state = claim(BEST, CallState.first(BEST), "A", 0, 5).state();
    state = claim(BEST, state, "B", Float.NaN, 6).state();
    assertThat(tick(BEST, state, 1_000).state())
        .isEqualTo(
            new Ended(
                new Result.Failed(
                    RpcCode.UNAVAILABLE,
                    "no servers available (received 2 responses)",
                    CallEnd.UNCHOSEN,
                    false)));
  }

  @Test
  void aThousandClaimsKeepOnlyTheBest() {
    CallState state = CallState.first(BEST);
    for (int i = 0; i < 1_000; i++) {
      state = claim(BEST, state, "S" + i, i % 500 / 1_000f, 10).state();
    }
    assertThat(state)
        .isInstanceOfSatisfying(
            Selecting.class,
            s -> {
              assertThat(s.claims()).isEqualTo(1_000);
              assertThat(s.best()).isEqualTo("S499");
            });
  }

  @Test
  void onlyTheChosenServersAnswerEndsTheCall() {
    CallState waiting = new Awaiting("A");
    assertThat(answer(FIRST, waiting, from("B")).effect())
        .isEqualTo(new Effect.Drop(DropReason.UNKNOWN));
    Step ended = answer(FIRST, waiting, from("A"));
    assertThat(ended.effect()).isEqualTo(new Effect.Finish());
    assertThat(answer(FIRST, ended.state(), from("A")).effect())
        .isEqualTo(new Effect.Drop(DropReason.REPEATED));
  }

  @Test
  void aMethodWithoutClaimsTakesAnyServersAnswer() {
    CallState first = CallState.first(NO_CLAIMS);
    assertThat(answer(NO_CLAIMS, first, from("X")).effect()).isEqualTo(new Effect.Finish());
    assertThat(tick(NO_CLAIMS, first, 3_000).state())
        .isEqualTo(
            new Ended(
                new Result.Failed(
                    RpcCode.DEADLINE_EXCEEDED, "request timed out", CallEnd.UNANSWERED, true)));
  }

  @Test
  void aServerThatCannotReadTheRequestEndsAQueuesCallButNotABroadcasts() {
    assertThat(answer(FIRST, CallState.first(FIRST), refusal("A")).effect())
        .isEqualTo(new Effect.Finish());
    CallState kept = answer(BEST, CallState.first(BEST), refusal("A")).state();
    assertThat(claim(BEST, kept, "B", 1, 10).effect()).isEqualTo(new Effect.Choose("B"));
    assertThat(tick(BEST, kept, 1_000).state())
        .isEqualTo(new Ended(new Result.Answered(refusal("A"))));
  }

  @Test
  void aChosenServerThatKeepsSilentMeansTheDeadline() {
    assertThat(tick(FIRST, new Awaiting("A"), 2_999).effect()).isEqualTo(new Effect.None());
    assertThat(tick(FIRST, new Awaiting("A"), 3_000).state())
        .isEqualTo(
            new Ended(
                new Result.Failed(
                    RpcCode.DEADLINE_EXCEEDED, "request timed out", CallEnd.TIMED_OUT, true)));
  }

  @Test
  void aRebuiltClientEndsEveryCallAndThoseThatAServerWasToldToDoSaySo() {
    Event rebuilt = new Event.Cut(RpcCode.UNAVAILABLE, "rebuilt");
    assertThat(CallState.next(BEST, CallState.first(BEST), rebuilt, 1))
        .isEqualTo(cut("rebuilt", false));
    CallState claimed = claim(BEST, CallState.first(BEST), "A", 0.5f, 1).state();
    assertThat(CallState.next(BEST, claimed, rebuilt, 1)).isEqualTo(cut("rebuilt", false));
    assertThat(CallState.next(BEST, new Awaiting("A"), rebuilt, 1)).isEqualTo(cut("rebuilt", true));
  }

  private static Step cut(String text, boolean mayHaveRun) {
    return new Step(
        new Ended(new Result.Failed(RpcCode.UNAVAILABLE, text, CallEnd.CUT, mayHaveRun)),
        new Effect.Finish());
  }

  @Test
  void nothingMovesACallThatHasEnded() {
    CallState ended = tick(BEST, CallState.first(BEST), 1_000).state();
    assertThat(claim(BEST, ended, "A", 1, 1_001)).isEqualTo(new Step(ended, new Effect.None()));
    assertThat(tick(BEST, ended, 9_999).state()).isEqualTo(ended);
    assertThat(ended.dueNanos(BEST)).isEqualTo(Long.MAX_VALUE);
  }
}
