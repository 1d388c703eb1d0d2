package io.spillway.rpc.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.Request;
import io.spillway.protocol.psrpc.Response;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.MethodMetrics;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcMetrics.CallEnd;
import io.spillway.rpc.client.CallState.Result;
import io.spillway.rpc.pending.DueTimer;
import io.spillway.rpc.pending.RecentIds;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import io.spillway.rpc.wire.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls methods of one psrpc service over a bus. Thread-safe.
 *
 * <p>There is no queue between the reader and a call: a claim or an answer changes the fields of
 * its {@link PendingCall}, and what has no call is counted and forgotten. That is what a client
 * which hands messages over through bounded channels gets wrong: one answer too many blocks its
 * dispatcher, and with it every call to come (measured with the Go client).
 */
public final class PsrpcClient implements RpcClient {
  private static final Logger log = LoggerFactory.getLogger(PsrpcClient.class);
  private static final int RECENT = 4_096;

  private final MessageBus bus;
  private final String service;
  private final TimeSource time;
  private final ClientLimits limits;
  private final RpcMetrics metrics;
  private final Ids ids;
  private final SelfWatch watch;
  private final DueTimer due;
  private final ConcurrentHashMap<String, PendingCall> pending = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final RecentIds<DropReason> recent = new RecentIds<>(RECENT);
  private volatile ClientSession session;
  private volatile boolean closed;

  /**
   * When a call began, and over which connection. One that lost its connection meanwhile says
   * nothing against the present one, nor against this client.
   */
  private record Begin(long atNanos, long connection) {
    boolean isOn(long connectionNow) {
      return connection != 0 && connection == connectionNow;
    }
  }

  /** Takes each claim for what it says. */
  private record Plain(Consumer<String> answeredBy) implements Bidding {
    @Override
    public float worth(String serverId, float affinity) {
      return affinity;
    }

    @Override
    public void chosen(String serverId) {}

    @Override
    public void answered(String serverId) {
      answeredBy.accept(serverId);
    }
  }

  /**
   * Subscribes to the channels of a new client id.
   *
   * @param service {@link io.spillway.rpc.EgressServices#IO_INFO}, for example
   * @param random for ids (seed only) and back-off; not shared with other threads meanwhile
   */
  public PsrpcClient(
      MessageBus bus,
      String service,
      TimeSource time,
      RandomGenerator random,
      ClientLimits limits,
      RpcMetrics metrics) {
    this.bus = bus;
    this.service = service;
    this.time = time;
    this.limits = limits;
    this.metrics = metrics;
    this.ids = new Ids(random);
    this.due = new DueTimer(time, this::sweep);
    this.watch =
        new SelfWatch(
            limits.unansweredBeforeRebuild(), limits.rebuildBackoff(), random, due.nowNanos());
    this.session = newSession();
  }

  /** The id under which this client calls now; a rebuild changes it. */
  public String clientId() {
    return session.clientId();
  }

  @Override
  public <Q extends Message, R extends Message> R call(
      RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
    return call(method, topic, request, options, new Plain(_ -> {}));
  }

  @Override
  public <Q extends Message, R extends Message> R call(
      RpcMethod<Q, R> method,
      String topic,
      Q request,
      CallOptions options,
      Consumer<String> answeredBy) {
    return call(method, topic, request, options, new Plain(answeredBy));
  }

  @Override
  public <Q extends Message, R extends Message> R call(
      RpcMethod<Q, R> method, String topic, Q request, CallOptions options, Bidding bidding) {
    Begin begin = new Begin(due.nowNanos(), bus.connection());
    MethodMetrics.Calls figures = metrics.methods().calls(MethodMetrics.Role.CLIENT, method);
    try {
      R answer = made(method, topic, request, options, bidding, begin);
      figures.answered(
          due.nowNanos() - begin.atNanos, answer.getSerializedSize(), request.getSerializedSize());
      return answer;
    } catch (RpcException failed) {
      figures.failed(failed.code(), 0, request.getSerializedSize());
      throw failed;
    }
  }

  private <Q extends Message, R extends Message> R made(
      RpcMethod<Q, R> method,
      String topic,
      Q request,
      CallOptions options,
      Bidding bidding,
      Begin begin) {
    CallPolicy policy = CallPolicy.of(method, options, begin.atNanos);
    ClientSession current = enter(method, policy.selectUntilNanos());
    String id = ids.request();
    UnaryCall call =
        new UnaryCall(
            id,
            current,
            policy,
            bidding,
            Channels.claimResponse(service, method.name(), topic),
            bus,
            due,
            metrics);
    DropReason afterwards = DropReason.LATE;
    pending.put(id, call);
    try {
      send(method, topic, request, options, id, current, policy.answerUntilNanos());
      due.expect(call.dueNanos());
      Result result = call.await();
      if (result instanceof Result.Answered answered) {
        afterwards = DropReason.REPEATED;
        bidding.answered(answered.response().getServerId());
      }
      return answer(method, id, begin, result);
    } finally {
      forget(id, current, afterwards);
    }
  }

  @Override
  public <Q extends Message, R extends Message> List<R> callAll(
      RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
    return callEach(method, topic, request, options).stream().map(From::answer).toList();
  }

  @Override
  public <Q extends Message, R extends Message> List<From<R>> callEach(
      RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
    long began = due.nowNanos();
    long until = began + options.timeout().toNanos();
    ClientSession current = enter(method, until);
    String id = ids.request();
    MultiCall call = new MultiCall(current, until, limits.answersPerCall(), due, metrics);
    pending.put(id, call);
    List<Response> responses;
    try {
      send(method, topic, request, options, id, current, until);
      due.expect(until);
      responses = call.await();
    } finally {
      forget(id, current, DropReason.LATE);
    }
    metrics.ended(responses.isEmpty() ? CallEnd.UNANSWERED : CallEnd.ANSWERED);
    noteAnswers(method, request, responses, due.nowNanos() - began);
    List<From<R>> answers = new ArrayList<>(responses.size());
    for (Response response : responses) {
      parse(method, response)
          .ifPresent(answer -> answers.add(new From<>(response.getServerId(), answer)));
    }
    return List.copyOf(answers);
  }

  /** As livekit/protocol counts them: a multi call without any answer is an unknown error. */
  private void noteAnswers(
      RpcMethod<?, ?> method, Message request, List<Response> responses, long nanos) {
    MethodMetrics.Calls figures = metrics.methods().calls(MethodMetrics.Role.CLIENT, method);
    if (responses.isEmpty()) {
      figures.failed(RpcCode.UNKNOWN, 0, request.getSerializedSize());
    } else {
      long came = responses.stream().mapToLong(each -> each.getRawResponse().size()).sum();
      figures.answered(nanos, came, request.getSerializedSize());
    }
  }

  @Override
  public void close() {
    closed = true;
    session.retire();
    pending.values().forEach(call -> call.cut(RpcCode.CANCELED, "client is closed"));
    due.close();
  }

  /** A session whose channels are heard, waiting for that no longer than {@code untilNanos}. */
  private ClientSession enter(RpcMethod<?, ?> method, long untilNanos) {
    if (calls.incrementAndGet() > limits.calls()) {
      calls.decrementAndGet();
      metrics.ended(CallEnd.CUT);
      throw new RpcException(
          RpcCode.RESOURCE_EXHAUSTED,
          name(method) + " was not sent: " + limits.calls() + " calls are under way already");
    }
    try {
      while (!closed) {
        ClientSession current = session;
        if (!current.awaitActive(() -> untilNanos - due.nowNanos())) {
          throw notSent(RpcCode.UNAVAILABLE, name(method), "the bus does not carry our answers");
        }
        if (current.enter()) {
          return current;
        }
      }
      throw notSent(RpcCode.CANCELED, name(method), "client is closed");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw notSent(RpcCode.CANCELED, name(method), "request canceled");
    }
  }

  private RpcException notSent(RpcCode code, String what, String why) {
    calls.decrementAndGet();
    metrics.ended(CallEnd.CUT);
    return new RpcException(code, what + " was not sent: " + why);
  }

  private void forget(String id, ClientSession from, DropReason afterwards) {
    if (!recent.add(id, afterwards)) {
      log.atWarn().addKeyValue("request", id).log("a request id was given twice");
    }
    pending.remove(id);
    calls.decrementAndGet();
    from.leave();
  }

  private void send(
      RpcMethod<?, ?> method,
      String topic,
      Message request,
      CallOptions options,
      String id,
      ClientSession from,
      long untilNanos) {
    long now = time.unixNanos();
    Request envelope =
        Request.newBuilder()
            .setRequestId(id)
            .setClientId(from.clientId())
            .setSentAt(now)
            .setExpiry(now + Math.max(0, untilNanos - due.nowNanos()))
            .setMulti(method.multi())
            .setRawRequest(request.toByteString())
            .putAllMetadata(options.metadata())
            .build();
    try {
      bus.publish(
          Channels.request(service, method.name(), topic), Envelope.REQUEST.encode(envelope));
    } catch (RpcException refused) {
      metrics.ended(CallEnd.CUT);
      throw new RpcException(
          refused.code(), name(method) + " was not sent: " + refused.getMessage(), refused);
    }
  }

  private <R extends Message> R answer(
      RpcMethod<?, R> method, String id, Begin begin, Result result) {
    return switch (result) {
      case Result.Answered answered -> {
        watch.answered(due.nowNanos());
        yield read(method, answered.response());
      }
      case Result.Failed failed -> {
        metrics.ended(failed.end());
        noteSilence(begin, failed.end());
        String text = failed.text() + " (" + name(method) + ", " + id + ")";
        throw failed.mayHaveRun()
            ? RpcException.unanswered(failed.code(), text)
            : new RpcException(failed.code(), text);
      }
    };
  }

  private <R extends Message> R read(RpcMethod<?, R> method, Response response) {
    if (!response.getError().isEmpty()) {
      metrics.ended(CallEnd.REFUSED);
      throw new RpcException(
          RpcCode.ofWire(response.getCode()), response.getError(), response.getErrorDetailsList());
    }
    try {
      R answer = method.responseParser().parseFrom(response.getRawResponse());
      metrics.ended(CallEnd.ANSWERED);
      return answer;
    } catch (InvalidProtocolBufferException malformed) {
      metrics.ended(CallEnd.REFUSED);
      throw new RpcException(
          RpcCode.MALFORMED_RESULT,
          name(method) + " was answered by " + response.getServerId() + " with unreadable bytes",
          malformed);
    }
  }

  private <R extends Message> Optional<R> parse(RpcMethod<?, R> method, Response response) {
    if (!response.getError().isEmpty()) {
      log.atDebug()
          .addKeyValue("method", name(method))
          .addKeyValue("server", response.getServerId())
          .addKeyValue("code", response.getCode())
          .log("a server answered a multi request with an error");
      return Optional.empty();
    }
    try {
      return Optional.of(method.responseParser().parseFrom(response.getRawResponse()));
    } catch (InvalidProtocolBufferException malformed) {
      metrics.dropped(DropReason.MALFORMED);
      return Optional.empty();
    }
  }

  private void noteSilence(Begin begin, CallEnd end) {
    switch (end) {
      // A claim proves less than an answer: what is claimed and never answered is silence too.
      case UNANSWERED, TIMED_OUT -> {
        if (!closed
            && begin.isOn(bus.connection())
            && watch.unanswered(begin.atNanos, due.nowNanos())) {
          rebuild();
        }
      }
      case ANSWERED, REFUSED, UNCHOSEN, CUT -> {} // nobody owed an answer
    }
  }

  /**
   * A new id on new channels, and the bus is asked for new connections. Calls under way are ended
   * at once: whoever waits for an answer to the old id most likely waits in vain, and one that a
   * server was told to carry out says so ({@link RpcException#mayHaveRun}).
   */
  private void rebuild() {
    ClientSession old = session;
    String reason = limits.unansweredBeforeRebuild() + " calls in a row without an answer";
    bus.suspect(reason);
    ClientSession fresh = newSession();
    session = fresh;
    if (closed) {
      fresh.retire();
    }
    metrics.clientRebuilt();
    log.atWarn()
        .addKeyValue("service", service)
        .addKeyValue("from", old.clientId())
        .addKeyValue("to", fresh.clientId())
        .addKeyValue("reason", reason)
        .log("rpc client rebuilt");
    old.retire();
    for (PendingCall call : pending.values()) {
      if (call.session() == old) {
        call.cut(RpcCode.UNAVAILABLE, "the client was rebuilt after " + reason);
      }
    }
  }

  private ClientSession newSession() {
    return new ClientSession(bus, service, ids.client(), this::onClaim, this::onAnswer);
  }

  private void onClaim(byte[] payload) {
    Optional<ClaimRequest> read = Envelope.CLAIM_REQUEST.decode(payload);
    if (read.isEmpty()) {
      metrics.dropped(DropReason.MALFORMED);
      return;
    }
    ClaimRequest claim = read.get();
    PendingCall call = pending.get(claim.getRequestId());
    if (call == null) {
      metrics.dropped(recent.find(claim.getRequestId()).orElse(DropReason.UNKNOWN));
    } else {
      call.claimed(claim);
    }
  }

  private void onAnswer(byte[] payload) {
    Optional<Response> read = Envelope.RESPONSE.decode(payload);
    if (read.isEmpty()) {
      metrics.dropped(DropReason.MALFORMED);
      return;
    }
    Response response = read.get();
    PendingCall call = pending.get(response.getRequestId());
    if (call == null) {
      metrics.dropped(recent.find(response.getRequestId()).orElse(DropReason.UNKNOWN));
    } else {
      metrics.skew().observe(response.getServerId(), response.getSentAt(), time.unixNanos());
      call.answered(response);
    }
  }

  private long sweep(long nowNanos) {
    long next = DueTimer.NEVER;
    for (PendingCall call : pending.values()) {
      next = Math.min(next, call.sweep(nowNanos));
    }
    return next;
  }

  private static String name(RpcMethod<?, ?> method) {
    return method.service() + "." + method.name();
  }
}
