package io.spillway.rpc.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.rpc.MessageBus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ClientSessionTest {
  private final AtomicInteger closed = new AtomicInteger();
  private final ClientSession session =
      new ClientSession(new Counting(), "IOInfo", "CLI", payload -> {}, payload -> {});

  /** Counts subscriptions that are closed. */
  private final class Counting implements MessageBus {
    @Override
    public void publish(String channel, byte[] payload) {}

    @Override
    public Subscription subscribe(String channel, boolean queue, Receiver receiver) {
      return closed::incrementAndGet;
    }

    @Override
    public void close() {}
  }

  @Test
  void theLastCallThatLeavesARetiredSessionClosesItOnce() {
    assertThat(session.enter()).isTrue();
    assertThat(session.enter()).isTrue();
    session.leave();
    session.retire();
    assertThat(closed.get()).isZero();
    assertThat(session.enter()).isFalse();
    assertThat(closed.get()).isZero();
    session.leave();
    assertThat(closed.get()).isEqualTo(2); // claims and answers
    session.retire();
    assertThat(session.enter()).isFalse();
    assertThat(closed.get()).isEqualTo(2);
  }

  @Test
  void aSessionWithoutCallsIsClosedWhenItRetiresAndNotBefore() {
    assertThat(session.enter()).isTrue();
    session.leave();
    assertThat(closed.get()).isZero();
    session.retire();
    assertThat(closed.get()).isEqualTo(2);
  }

  @Test
  void callsThatComeAndGoWhileItRetiresCloseItOnce() throws Exception {
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      callers.add(
          Thread.ofVirtual()
              .start(() -> {
                while (session.enter()) {
                  session.leave();
                }
              }));
    }
    session.retire();
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(closed.get()).isEqualTo(2);
  }
}
