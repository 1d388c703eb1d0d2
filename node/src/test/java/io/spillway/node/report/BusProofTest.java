package io.spillway.node.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.spillway.core.time.SimulatedTime;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BusProofTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final SimulatedTime time = new SimulatedTime();
  private final FakeBus bus = new FakeBus();
  private final FakeClient io = new FakeClient();
  private int back;
  private final BusProof proof = new BusProof(bus, io, time, Runnable::run, () -> back++);

  @AfterEach
  void close() {
    proof.close();
  }

  @Test
  void thereIsNoProofBeforeTheFirstAnswer() {
    assertThat(proof.isFresh()).isFalse();
    io.answers = false;
    proof.start();
    assertThat(proof.isFresh()).isFalse();
    io.answers = true;
    time.advance(SECOND.multipliedBy(2));
    assertThat(proof.isFresh()).isTrue();
  }

  @Test
  void itIsProvedEveryTwoSecondsByTheSameClient() {
    proof.start();
    time.advance(SECOND.multipliedBy(20));
    assertThat(io.calls).isEqualTo(11);
    assertThat(proof.age()).isLessThan(BusProof.EVERY);
  }

  @Test
  void withoutAnswersTheProofGrowsOldAndComesBackWithTheFirst() {
    proof.start();
    io.answers = false;
    time.advance(BusProof.FRESH);
    assertThat(proof.isFresh()).isTrue();
    time.advance(Duration.ofNanos(1));
    assertThat(proof.isFresh()).isFalse();
    io.answers = true;
    time.advance(BusProof.EVERY);
    assertThat(proof.isFresh()).isTrue();
  }

  @Test
  void afterAGapItIsToldOnceThatAnswersComeAgain() {
    proof.start();
    time.advance(SECOND.multipliedBy(10));
    io.answers = false;
    time.advance(SECOND.multipliedBy(2));
    io.answers = true;
    time.advance(SECOND.multipliedBy(4));
    assertThat(back).as("one missed proof is no gap").isZero();
    io.answers = false;
    time.advance(SECOND.multipliedBy(20));
    io.answers = true;
    time.advance(SECOND.multipliedBy(20));
    assertThat(back).isEqualTo(1);
  }

  @Test
  void aBusThatDoesNotHearItselfIsNoProofWhateverTheClientSays() {
    proof.start();
    bus.sinceProof = BusProof.FRESH.plusMillis(1);
    assertThat(proof.isFresh()).isFalse();
    assertThat(proof.age()).isEqualTo(bus.sinceProof);
  }

  private static final class FakeBus implements MessageBus {
    Duration sinceProof = Duration.ZERO;

    @Override
    public void publish(String channel, byte[] payload) {
      throw new AssertionError("the proof uses its client");
    }

    @Override
    public Subscription subscribe(String channel, boolean queue, Receiver receiver) {
      throw new AssertionError("the proof uses its client");
    }

    @Override
    public Duration sinceProof() {
      return sinceProof;
    }

    @Override
    public void close() {}
  }

  private static final class FakeClient implements RpcClient {
    boolean answers = true;
    int calls;

    @Override
    public <Q extends Message, R extends Message> R call(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      calls++;
      assertThat(method.name()).isEqualTo("ListEgress");
      if (!answers) {
        throw new RpcException(RpcCode.UNAVAILABLE, "no response from servers");
      }
      try {
        return method.responseParser().parseFrom(new byte[0]);
      } catch (com.google.protobuf.InvalidProtocolBufferException impossible) {
        throw new AssertionError(impossible);
      }
    }

    @Override
    public <Q extends Message, R extends Message> List<R> callAll(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      throw new AssertionError("not a multi call");
    }

    @Override
    public void close() {}
  }
}
