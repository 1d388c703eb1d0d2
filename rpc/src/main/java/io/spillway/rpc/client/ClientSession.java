package io.spillway.rpc.client;

import io.spillway.rpc.MessageBus;
import io.spillway.rpc.wire.Channels;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A client id with its two channels. When the client mistrusts it, it is retired: it takes no
 * further calls, and the last one that leaves closes it.
 */
final class ClientSession {
  private final String clientId;
  private final MessageBus.Subscription claims;
  private final MessageBus.Subscription answers;
  private int calls;
  private boolean retired;
  private boolean closed;

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
  synchronized boolean enter() {
    if (retired) {
      return false;
    }
    calls++;
    return true;
  }

  /** A call ends. */
  synchronized void leave() {
    calls--;
    closeIfOver();
  }

  /** Takes no further calls. */
  synchronized void retire() {
    retired = true;
    closeIfOver();
  }

  private void closeIfOver() {
    if (retired && calls == 0 && !closed) {
      closed = true;
      claims.close();
      answers.close();
    }
  }
}
