package io.spillway.rpc.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.time.SimulatedTime;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.RpcMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On links that answer at once, or throw although they are open. */
@Timeout(30)
class RedisSenderTest {
  private final SimulatedTime time = new SimulatedTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final List<Integer> sent = new ArrayList<>();
  private final List<Throwable> refusals = new ArrayList<>();
  private final RedisSender<FakeLink> sender =
      new RedisSender<>(BusLimits.defaults(), time, metrics, (link, why) -> {}, refusals::add);

  private final class FakeLink implements RedisSender.Link {
    private int throwsAfter;

    FakeLink(int throwsAfter) {
      this.throwsAfter = throwsAfter;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    /** Throws once. */
    @Override
    public CompletionStage<Long> publish(String channel, byte[] payload) {
      if (throwsAfter-- == 0) {
        throw new IllegalStateException("not now");
      }
      sent.add((int) payload[0]);
      return CompletableFuture.completedFuture(1L);
    }
  }

  private void publish(int number) {
    sender.publish("c", new byte[] {(byte) number});
  }

  @Test
  void nothingOvertakesAMessageThatAnOpenLinkThrewBack() throws Exception {
    FakeLink first = new FakeLink(1);
    assertThat(sender.switchTo(first)).isEmpty();
    for (int number = 1; number <= 4; number++) {
      publish(number);
    }
    assertThat(sent).containsExactly(1);
    assertThat(sender.openLink()).isNull();
    assertThat(refusals).hasSize(1);
    assertThat(sender.switchTo(new FakeLink(-1))).contains(first);
    publish(5);
    assertThat(sent).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void whatTheNextLinkThrowsBackWaitsInItsOrderForTheOneAfterIt() throws Exception {
    for (int number = 1; number <= 4; number++) {
      publish(number);
    }
    assertThat(sender.switchTo(new FakeLink(1))).isEmpty();
    assertThat(sent).containsExactly(1);
    publish(5);
    assertThat(sender.switchTo(new FakeLink(-1))).isPresent();
    assertThat(sent).containsExactly(1, 2, 3, 4, 5);
    assertThat(metrics.drops(DropReason.EXPIRED)).isZero();
  }
}
