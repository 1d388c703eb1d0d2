package io.spillway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class EpochCheckTest {
  private int asked;

  private EpochCheck check(boolean asks, Supplier<EgressInfo> answer) {
    return new EpochCheck(new Keeper(answer), asks);
  }

  private static EgressInfo epoch(int epoch) {
    return EgressInfo.newBuilder().setEgressId("EG_1").setRetryCount(epoch - 1).build();
  }

  @Test
  void aRecorderWhoseEgressAnotherNodeHasDoesNotJoinAgain() {
    assertThatThrownBy(() -> check(true, () -> epoch(2)).requireNewest("EG_1", 1))
        .isInstanceOf(RpcException.class)
        .hasMessage("egress EG_1 has epoch 2 by now, this recorder's is 1: not joined again");
  }

  @Test
  void theNewestRecorderJoinsAgain() {
    assertThatCode(() -> check(true, () -> epoch(2)).requireNewest("EG_1", 2))
        .doesNotThrowAnyException();
    assertThat(asked).isEqualTo(1);
  }

  @Test
  void withoutAnAnswerItJoins() {
    EpochCheck check =
        check(
            true,
            () -> {
              throw new RpcException(RpcCode.UNAVAILABLE, "nobody");
            });
    assertThatCode(() -> check.requireNewest("EG_1", 1)).doesNotThrowAnyException();
    assertThat(asked).isEqualTo(1);
  }

  @Test
  void whereNobodyGivesItToAnotherNodeNobodyIsAsked() {
    check(false, () -> epoch(2)).requireNewest("EG_1", 1);
    assertThat(asked).isZero();
  }

  private final class Keeper implements RpcClient {
    private final Supplier<EgressInfo> answer;

    Keeper(Supplier<EgressInfo> answer) {
      this.answer = answer;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <Q extends Message, R extends Message> R call(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      asked++;
      return (R) answer.get();
    }

    @Override
    public <Q extends Message, R extends Message> List<R> callAll(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      throw new AssertionError("not called");
    }

    @Override
    public void close() {}
  }
}
