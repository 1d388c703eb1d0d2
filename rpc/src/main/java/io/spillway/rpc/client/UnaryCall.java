package io.spillway.rpc.client;

import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.ClaimResponse;
import io.spillway.protocol.psrpc.Response;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient.Bidding;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.client.CallState.Effect;
import io.spillway.rpc.client.CallState.Ended;
import io.spillway.rpc.client.CallState.Event;
import io.spillway.rpc.client.CallState.Result;
import io.spillway.rpc.client.CallState.Step;
import io.spillway.rpc.pending.DueTimer;
import io.spillway.rpc.wire.Envelope;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The shell around {@link CallState}: one lock per call around the pure step, effects outside it.
 * The choice is published by whoever learns of it (reader or timer), so that the caller's thread
 * wakes only once, for the end.
 */
final class UnaryCall implements PendingCall {
  private final String requestId;
  private final ClientSession session;
  private final CallPolicy policy;
  private final Bidding bidding;
  private final String choiceChannel;
  private final MessageBus bus;
  private final DueTimer due;
  private final RpcMetrics metrics;
  private final CountDownLatch ended = new CountDownLatch(1);
  private CallState state;

  UnaryCall(
      String requestId,
      ClientSession session,
      CallPolicy policy,
      Bidding bidding,
      String choiceChannel,
      MessageBus bus,
      DueTimer due,
      RpcMetrics metrics) {
    this.requestId = requestId;
    this.session = session;
    this.policy = policy;
    this.bidding = bidding;
    this.choiceChannel = choiceChannel;
    this.bus = bus;
    this.due = due;
    this.metrics = metrics;
    this.state = CallState.first(policy);
  }

  @Override
  public ClientSession session() {
    return session;
  }

  @Override
  public void claimed(ClaimRequest claim) {
    float worth = bidding.worth(claim.getServerId(), claim.getAffinity());
    happen(new Event.Claimed(claim.getServerId(), worth));
    due.expect(dueNanos());
  }

  @Override
  public void answered(Response response) {
    happen(new Event.Answered(response));
  }

  @Override
  public long sweep(long nowNanos) {
    happen(new Event.Tick());
    return dueNanos();
  }

  @Override
  public void cut(RpcCode code, String text) {
    happen(new Event.Cut(code, text));
  }

  /** When it has to be looked at next. */
  synchronized long dueNanos() {
    return state.dueNanos(policy);
  }

  /**
   * Waits for the end. The timer ends the call; the wait of its own is the second lock on that
   * door: should the time source have stopped, the caller still comes back.
   */
  Result await() {
    try {
      long patience =
          policy.answerUntilNanos() - due.nowNanos() + TimeUnit.MILLISECONDS.toNanos(20);
      while (!ended.await(Math.max(patience, 1), TimeUnit.NANOSECONDS)) {
        happen(new Event.Tick());
        patience = TimeUnit.MILLISECONDS.toNanos(20);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      cut(RpcCode.CANCELED, "request canceled");
    }
    return result();
  }

  private synchronized Result result() {
    if (state instanceof Ended over) {
      return over.result();
    }
    throw new IllegalStateException("a call was read before it ended, in " + state);
  }

  private void happen(Event event) {
    Effect effect;
    synchronized (this) {
      Step step = CallState.next(policy, state, event, due.nowNanos());
      state = step.state();
      effect = step.effect();
    }
    switch (effect) {
      case Effect.None none -> {}
      case Effect.Choose choose -> choose(choose.serverId());
      case Effect.Finish finish -> ended.countDown();
      case Effect.Drop drop -> metrics.dropped(drop.reason());
    }
  }

  private void choose(String serverId) {
    bidding.chosen(serverId);
    ClaimResponse choice =
        ClaimResponse.newBuilder().setRequestId(requestId).setServerId(serverId).build();
    try {
      bus.publish(choiceChannel, Envelope.CLAIM_RESPONSE.encode(choice));
    } catch (RpcException refused) {
      cut(refused.code(), "the choice of a server was not sent: " + refused.getMessage());
    }
  }
}
