package io.spillway.rpc.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Message;
import io.spillway.core.bounded.Backoff;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.StopEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcMetrics.RetryEnd;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class RetryingClientTest {
  private static final RpcClient.CallOptions TEN_SECONDS =
      RpcClient.CallOptions.within(Duration.ofSeconds(10));

  private final SimulatedTime time = new SimulatedTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final Scripted peer = new Scripted();

  /** Time goes on by itself while the client waits. */
  private final class Hurrying implements io.spillway.core.time.TimeSource {
    @Override
    public long nanos() {
      return time.nanos();
    }

    @Override
    public long unixNanos() {
      return time.unixNanos();
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
      time.advance(delay);
      task.run();
      return () -> {};
    }
  }

  /** Fails with the codes given, then answers; each try takes as long as it says. */
  private final class Scripted implements RpcClient {
    final Queue<RpcCode> failures = new ArrayDeque<>();
    final List<Duration> timeouts = new ArrayList<>();
    Duration tryTakes = Duration.ZERO;

    @Override
    public <Q extends Message, R extends Message> R call(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      timeouts.add(options.timeout());
      time.advance(tryTakes);
      RpcCode code = failures.poll();
      if (code != null) {
        throw new RpcException(code, "scripted");
      }
      try {
        return method.responseParser().parseFrom(new byte[0]);
      } catch (com.google.protobuf.InvalidProtocolBufferException impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    @Override
    public <Q extends Message, R extends Message> R call(
        RpcMethod<Q, R> method,
        String topic,
        Q request,
        CallOptions options,
        Consumer<String> answeredBy) {
      return call(method, topic, request, options);
    }

    @Override
    public <Q extends Message, R extends Message> List<R> callAll(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      return List.of();
    }

    @Override
    public void close() {}
  }

  private RetryingClient client(RetryBudget budget) {
    RetryRule rule =
        new RetryRule(
            Duration.ofSeconds(2),
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1)),
            50,
            false);
    return new RetryingClient(peer, rule, budget, new Hurrying(), new Random(1), metrics);
  }

  private void update(RpcClient client) {
    var _ =
        client.call(EgressServices.UPDATE_EGRESS, "", EgressInfo.getDefaultInstance(), TEN_SECONDS);
  }

  private void stop(RpcClient client) {
    var _ =
        client.call(
            EgressServices.STOP_EGRESS, "EG", StopEgressRequest.getDefaultInstance(), TEN_SECONDS);
  }

  @ParameterizedTest
  @CsvSource({
    "UNAVAILABLE, true, true",
    "DEADLINE_EXCEEDED, true, false",
    "RESOURCE_EXHAUSTED, true, false",
    "NOT_FOUND, false, false",
    "INTERNAL, false, false",
    "ABORTED, false, false",
    "UNKNOWN, false, false",
    "CANCELED, false, false"
  })
  void aCodeIsRepeatedOnlyWhereThatIsSafe(RpcCode code, boolean aStatus, boolean aStop) {
    RetryRule rule = RetryRule.defaults();
    RpcException failure = new RpcException(code, "scripted");
    assertThat(rule.repeats(EgressServices.UPDATE_EGRESS, failure, 1)).isEqualTo(aStatus);
    assertThat(rule.repeats(EgressServices.STOP_EGRESS, failure, 1)).isEqualTo(aStop);
    assertThat(rule.repeats(EgressServices.START_EGRESS, failure, 1)).isEqualTo(aStop);
    assertThat(rule.repeats(EgressServices.LIST_ACTIVE_EGRESS, failure, 1)).isFalse();
  }

  @Test
  void whatARebuiltClientCutAfterAServerHadTakenItIsRepeatedOnlyWhereTwiceDoesNoHarm() {
    RetryRule rule = RetryRule.defaults();
    RpcException cut = RpcException.unanswered(RpcCode.UNAVAILABLE, "the client was rebuilt");
    assertThat(rule.repeats(EgressServices.GET_EGRESS, cut, 1)).isTrue();
    assertThat(rule.repeats(EgressServices.START_EGRESS, cut, 1)).isFalse();
    assertThat(rule.repeats(EgressServices.STOP_EGRESS, cut, 1)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "UNKNOWN, true",
    "INTERNAL, true",
    "UNAVAILABLE, true",
    "NOT_FOUND, false",
    "CANCELED, false"
  })
  void aQuestionThatMustBeAnsweredIsAskedAgainAfterEveryErrorButNotFound(
      RpcCode code, boolean again) {
    RetryRule rule =
        RetryRule.untilAnswered(
            Duration.ofSeconds(3), new Backoff(Duration.ofMillis(500), Duration.ofSeconds(2)));
    RpcException failure = new RpcException(code, "scripted");
    assertThat(rule.repeats(EgressServices.GET_EGRESS, failure, 1_000)).isEqualTo(again);
    boolean safe = code == RpcCode.UNAVAILABLE;
    assertThat(rule.repeats(EgressServices.START_EGRESS, failure, 1)).isEqualTo(safe);
  }

  @Test
  void aSpentBudgetIsWaitedForWhileTheCallHasTime() {
    peer.failures.add(RpcCode.UNAVAILABLE);
    RetryBudget budget = new RetryBudget(0, 1, 1, time);
    assertThat(budget.take()).isTrue();
    long begin = time.nanos();
    update(client(budget));
    assertThat(peer.timeouts).hasSize(2);
    assertThat(Duration.ofNanos(time.nanos() - begin))
        .isBetween(Duration.ofSeconds(1), Duration.ofMillis(1_200));
  }

  @Test
  void clientsOfOneProcessShareItsBudget() {
    RetryBudget budget = new RetryBudget(0, 0, 2, time);
    for (int i = 0; i < 2; i++) {
      peer.failures.add(RpcCode.UNAVAILABLE);
      update(client(budget));
    }
    peer.failures.add(RpcCode.UNAVAILABLE);
    var _ = catchThrowableOfType(RpcException.class, () -> update(client(budget)));
    assertThat(peer.timeouts).as("two of three were made again").hasSize(5);
    assertThat(metrics.retries(RetryEnd.OVER_BUDGET)).isEqualTo(1);
  }

  @Test
  void aCallIsTriedAgainUntilItIsAnswered() {
    peer.failures.addAll(List.of(RpcCode.UNAVAILABLE, RpcCode.DEADLINE_EXCEEDED));
    update(client(RetryBudget.defaults(time)));
    assertThat(peer.timeouts).hasSize(3).allMatch(Duration.ofSeconds(2)::equals);
    assertThat(metrics.retries(RetryEnd.MADE)).isEqualTo(2);
  }

  @Test
  void aStopThatMayHaveRunIsNotRepeated() {
    peer.failures.add(RpcCode.DEADLINE_EXCEEDED);
    RpcException failure =
        catchThrowableOfType(RpcException.class, () -> stop(client(RetryBudget.defaults(time))));
    assertThat(failure.code()).isEqualTo(RpcCode.DEADLINE_EXCEEDED);
    assertThat(peer.timeouts).hasSize(1);
  }

  @Test
  void noTryGoesBeyondTheCallsDeadline() {
    for (int i = 0; i < 100; i++) {
      peer.failures.add(RpcCode.UNAVAILABLE);
    }
    peer.tryTakes = Duration.ofMillis(1_900);
    long begin = time.nanos();
    RpcException failure =
        catchThrowableOfType(RpcException.class, () -> update(client(RetryBudget.defaults(time))));
    assertThat(failure.code()).isEqualTo(RpcCode.UNAVAILABLE);
    assertThat(Duration.ofNanos(time.nanos() - begin)).isLessThan(Duration.ofSeconds(12));
    assertThat(peer.timeouts.getLast()).isLessThan(Duration.ofSeconds(2));
    assertThat(metrics.retries(RetryEnd.NO_TIME)).isEqualTo(1);
  }

  @Test
  void aPeerThatFailsAllCallsGetsOneInFiveMoreAndTheFloor() {
    RetryingClient client = client(new RetryBudget(0.2, 0, 1, time));
    for (int call = 0; call < 1_000; call++) {
      for (int i = 0; i < 3; i++) {
        peer.failures.add(RpcCode.UNAVAILABLE);
      }
      var _ = catchThrowableOfType(RpcException.class, () -> update(client));
      peer.failures.clear();
    }
    assertThat(peer.timeouts.size() - 1_000).isBetween(195, 205);
    assertThat(metrics.retries(RetryEnd.OVER_BUDGET)).isGreaterThan(700);
  }

  @Test
  void theFloorLetsAFewThroughWhenThereAreHardlyAnyCalls() {
    RetryBudget budget = new RetryBudget(0, 2, 3, time);
    assertThat(List.of(budget.take(), budget.take(), budget.take(), budget.take()))
        .containsExactly(true, true, true, false);
    time.advance(Duration.ofMillis(500));
    assertThat(List.of(budget.take(), budget.take())).containsExactly(true, false);
    time.advance(Duration.ofHours(1));
    assertThat(List.of(budget.take(), budget.take(), budget.take(), budget.take()))
        .containsExactly(true, true, true, false);
  }
}
