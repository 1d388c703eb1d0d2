package io.spillway.rpc.server;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.ClaimResponse;
import io.spillway.protocol.psrpc.Request;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.MethodMetrics;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.RpcServer.Bid;
import io.spillway.rpc.pending.DueTimer;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One method on one topic. A request is bid for, claimed, and kept (without a thread) until the
 * client has chosen or its time is over; then the handler runs or it is forgotten.
 *
 * <p>How long a request lives is {@code expiry - sent_at}, counted from its arrival on our own
 * clock: a peer whose wall clock is wrong is served all the same. (Go compares {@code expiry} with
 * its wall clock, so that 30 s of skew look like a dead node.) What a peer can make us keep is
 * bounded in number, bytes and time ({@link ServerLimits}).
 */
final class ServedMethod<Q extends Message, R extends Message> implements RpcServer.Registration {
  private static final Logger log = LoggerFactory.getLogger(ServedMethod.class);

  private final PsrpcServer server;
  private final RpcMethod<Q, R> method;
  private final String topic;
  private final RpcServer.Handler<Q, R> handler;
  private final RpcServer.Bidder<Q> bidder;
  private final MethodMetrics.Requests figures;
  private final MethodMetrics.Calls calls;
  private final ConcurrentHashMap<String, Claim<Q>> claims = new ConcurrentHashMap<>();
  private final AtomicLong claimBytes = new AtomicLong();
  private MessageBus.@Nullable Subscription requests;
  private MessageBus.@Nullable Subscription choices;
  private volatile boolean closing;

  ServedMethod(
      PsrpcServer server,
      RpcMethod<Q, R> method,
      String topic,
      RpcServer.Handler<Q, R> handler,
      RpcServer.Bidder<Q> bidder) {
    this.server = server;
    this.method = method;
    this.topic = topic;
    this.handler = handler;
    this.bidder = bidder;
    MethodMetrics methods = server.metrics().methods();
    this.figures = methods.requests(method);
    this.calls = methods.calls(MethodMetrics.Role.SERVER, method);
  }

  /** A request we bid for. {@code parsed} is kept so that it isn't read twice. */
  private record Claim<Q>(Request request, Q parsed, int bytes, long atNanos, long dueNanos) {
    String id() {
      return request.getRequestId();
    }
  }

  String requestChannel() {
    return Channels.request(method.service(), method.name(), topic);
  }

  RpcServer.Handler<Q, R> handler() {
    return handler;
  }

  /** How its handlers' runs are counted. */
  MethodMetrics.Calls calls() {
    return calls;
  }

  String name() {
    return method.service() + "." + method.name();
  }

  int waitingClaims() {
    return claims.size();
  }

  /** Listens: for choices first, so that no request can be chosen before we hear of it. */
  synchronized void open(MessageBus bus) {
    if (method.claims()) {
      choices =
          bus.subscribe(
              Channels.claimResponse(method.service(), method.name(), topic), false, this::choice);
    }
    requests = bus.subscribe(requestChannel(), method.queue(), this::request);
  }

  /** Whether both channels are heard, after waiting for it. */
  boolean awaitActive(Duration wait) throws InterruptedException {
    MessageBus.Subscription first;
    MessageBus.Subscription second;
    synchronized (this) {
      first = requests;
      second = choices;
    }
    return (first == null || first.awaitActive(wait))
        && (second == null || second.awaitActive(wait));
  }

  /** Takes no new requests; what is claimed may still be chosen for a while. */
  @Override
  public void close() {
    synchronized (this) {
      if (closing) {
        return;
      }
      closing = true;
      if (requests != null) {
        requests.close();
      }
    }
    server.closed(this);
  }

  /** Hears nothing more. */
  synchronized void cut() {
    closing = true;
    if (requests != null) {
      requests.close();
    }
    if (choices != null) {
      choices.close();
    }
    claims.values().forEach(this::forget);
  }

  /** Forgets claims whose time is over; returns the next moment to look. */
  long sweep(long nowNanos) {
    long next = DueTimer.NEVER;
    for (Claim<Q> claim : claims.values()) {
      if (claim.dueNanos() <= nowNanos) {
        if (forget(claim)) {
          decided(claim, MethodMetrics.Claim.TIMED_OUT);
        }
      } else {
        next = Math.min(next, claim.dueNanos());
      }
    }
    return next;
  }

  /** Keeps it until it is chosen or over; false when there is no room. */
  private boolean keep(Claim<Q> claim) {
    if (claimBytes.addAndGet(claim.bytes()) > server.limits().claimBytes()
        || claims.size() >= server.limits().claims()) {
      long _ = claimBytes.addAndGet(-claim.bytes());
      return false;
    }
    Claim<Q> before = claims.put(claim.id(), claim);
    if (before != null) { // a copy so late that its id was forgotten
      long _ = claimBytes.addAndGet(-before.bytes());
    }
    return true;
  }

  /** Whether it was still kept. */
  private boolean forget(Claim<Q> claim) {
    boolean kept = claims.remove(claim.id(), claim);
    if (kept) {
      long _ = claimBytes.addAndGet(-claim.bytes());
    }
    return kept;
  }

  private void request(byte[] payload) {
    Optional<Request> read = Envelope.REQUEST.decode(payload);
    if (read.isEmpty()) {
      server.metrics().dropped(DropReason.MALFORMED);
      return;
    }
    Request request = read.get();
    figures.received();
    long budgetNanos = server.budgetNanos(request);
    if (budgetNanos <= 0) {
      figures.expired();
      server.metrics().dropped(DropReason.EXPIRED);
      return;
    }
    if (closing) {
      return;
    }
    if (!server.isNew(request.getRequestId())) {
      server.metrics().dropped(DropReason.REPEATED);
      return;
    }
    Q parsed;
    try {
      parsed = method.requestParser().parseFrom(request.getRawRequest());
    } catch (InvalidProtocolBufferException malformed) {
      server.refuse(
          request,
          new RpcException(
              RpcCode.MALFORMED_REQUEST, name() + " can't read the request: " + malformed));
      return;
    }
    long now = server.nowNanos();
    Claim<Q> claim = new Claim<>(request, parsed, payload.length, now, now + budgetNanos);
    if (method.claims()) {
      bid(claim);
    } else {
      run(claim);
    }
  }

  private void bid(Claim<Q> claim) {
    Bid bid;
    try {
      bid = bidder.bid(claim.parsed());
    } catch (RuntimeException | Error failure) {
      server.metrics().dropped(DropReason.FAILED);
      log.atError()
          .addKeyValue("method", name())
          .addKeyValue("request", claim.request().getRequestId())
          .setCause(failure)
          .log("a bidder failed: the request is left to other servers");
      return;
    }
    if (!(bid.affinity() >= 0)) { // NaN keeps silent as well
      return;
    }
    if (!keep(claim)) {
      server.metrics().dropped(DropReason.OVERFLOW);
      return;
    }
    server.expect(claim.dueNanos());
    if (bid.delay().isPositive()) {
      server.after(bid.delay(), () -> sendBid(claim, bid.affinity()));
    } else {
      sendBid(claim, bid.affinity());
    }
  }

  private void sendBid(Claim<Q> claim, float affinity) {
    if (!claims.containsKey(claim.request().getRequestId())) {
      return; // another was chosen while we held back
    }
    boolean sent =
        server.publish(
            Channels.claim(method.service(), claim.request().getClientId()),
            Envelope.CLAIM_REQUEST.encode(
                ClaimRequest.newBuilder()
                    .setRequestId(claim.request().getRequestId())
                    .setServerId(server.id())
                    .setAffinity(affinity)
                    .build()));
    if (!sent) {
      boolean _ = forget(claim);
    }
  }

  /** All servers of the method hear whom each client chose; most of it is not for us. */
  private void choice(byte[] payload) {
    Optional<ClaimResponse> read = Envelope.CLAIM_RESPONSE.decode(payload);
    if (read.isEmpty()) {
      server.metrics().dropped(DropReason.MALFORMED);
      return;
    }
    ClaimResponse choice = read.get();
    Claim<Q> claim = claims.get(choice.getRequestId());
    boolean ours = choice.getServerId().equals(server.id());
    if (claim == null || !forget(claim)) {
      if (ours) {
        server.metrics().dropped(server.whyNotWaiting(choice.getRequestId()));
      }
    } else if (ours) {
      if (claim.dueNanos() <= server.nowNanos()) {
        decided(claim, MethodMetrics.Claim.TIMED_OUT);
        server.metrics().dropped(DropReason.EXPIRED);
      } else {
        decided(claim, MethodMetrics.Claim.GRANTED);
        run(claim);
      }
    } else {
      decided(claim, MethodMetrics.Claim.LOST_TO_PEER);
    }
  }

  private void decided(Claim<Q> claim, MethodMetrics.Claim outcome) {
    figures.claimed(outcome, server.nowNanos() - claim.atNanos());
  }

  private void run(Claim<Q> claim) {
    Duration remaining = Duration.ofNanos(claim.dueNanos() - server.nowNanos());
    server.run(this, claim.request(), claim.parsed(), remaining);
  }
}
