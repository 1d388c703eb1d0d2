package io.spillway.rpc.client;

import io.spillway.rpc.MessageBus;
import io.spillway.rpc.wire.Channels;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * A client id with its two channels. When the client mistrusts it, it is retired: it takes no
 * further calls, and the last one that leaves closes it. Thread-safe, without a lock.
 */
final class ClientSession {
  private static final int RETIRED = 1;
  private static final int CALL = 2;

  private final String clientId;
  private final MessageBus.Subscription claims;
  private final MessageBus.Subscription answers;

  /** {@link #CALL} for each call under way, and {@link #RETIRED}: every call passes here. */
  private final AtomicInteger state = new AtomicInteger();

  private final AtomicBoolean closed = new AtomicBoolean();

  ClientSession(
      MessageBus bus,
      String service,
      String clientId,
      MessageBus.Receiver onClaim,
      MessageBus.Receiver onAnswer) {
    this.clientId = clientId;
    this.claims = bus.subscribe(Channels.claim(service, clientId), false, onClaim);
    this.answers = bus.subscribe(Channels.response(service, clientId), false, onAnswer);
  }

  String clientId() {
    return clientId;
  }

  /**
   * Whether claims and answers reach us, after waiting for it as long as {@code leftNanos} says.
   */
  boolean awaitActive(LongSupplier leftNanos) throws InterruptedException {
    return claims.awaitActive(Duration.ofNanos(Math.max(0, leftNanos.getAsLong())))
        && answers.awaitActive(Duration.ofNanos(Math.max(0, leftNanos.getAsLong())));
  }

  /** A call begins; false when the session is over and another must be used. */
  boolean enter() {
    if ((state.getAndAdd(CALL) & RETIRED) == 0) {
      return true;
    }
    leave();
    return false;
  }

  /** A call ends. */
  void leave() {
    closeIfOver(state.addAndGet(-CALL));
  }

  /** Takes no further calls. */
  void retire() {
    closeIfOver(state.updateAndGet(now -> now | RETIRED));
  }

  private void closeIfOver(int now) {
    if (now == RETIRED && closed.compareAndSet(false, true)) {
      claims.close();
      answers.close();
    }
  }
}
