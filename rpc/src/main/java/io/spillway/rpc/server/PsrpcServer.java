package io.spillway.rpc.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.psrpc.Request;
import io.spillway.protocol.psrpc.Response;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.pending.DueTimer;
import io.spillway.rpc.pending.RecentIds;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import io.spillway.rpc.wire.Ids;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves methods of one psrpc service over a bus. Thread-safe. */
public final class PsrpcServer implements RpcServer {
  private static final Logger log = LoggerFactory.getLogger(PsrpcServer.class);
  private static final int RECENT = 16_384;

  private final MessageBus bus;
  private final String service;
  private final String id;
  private final TimeSource time;
  private final ServerLimits limits;
  private final RpcMetrics metrics;
  private final DueTimer due;
  private final ConcurrentHashMap<String, ServedMethod<?, ?>> methods = new ConcurrentHashMap<>();
  private final Set<ServedMethod<?, ?>> lingering = ConcurrentHashMap.newKeySet();
  private final RecentIds<Boolean> seen = new RecentIds<>(RECENT);
  private final Set<Thread> running = ConcurrentHashMap.newKeySet();
  private final AtomicInteger handlers = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private volatile boolean closed;

  /**
   * @param id under which it claims: a node's id, or one of {@link #newId}
   * @param service {@link io.spillway.rpc.EgressServices#EGRESS_INTERNAL}, for example
   */
  public PsrpcServer(
      MessageBus bus,
      String service,
      String id,
      TimeSource time,
      ServerLimits limits,
      RpcMetrics metrics) {
    this.bus = bus;
    this.service = service;
    this.id = id;
    this.time = time;
    this.limits = limits;
    this.metrics = metrics;
    this.due = new DueTimer(time, this::sweep);
  }

  /** An id as psrpc makes them. */
  public static String newId(RandomGenerator random) {
    return new Ids(random).server();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Returns when requests reach it, or after {@link ServerLimits#subscribeWait} without knowing
   * so (they will as soon as the bus can).
   *
   * @throws IllegalStateException when the method is served on that topic already, or the server is
   *     closed
   */
  @Override
  public <Q extends Message, R extends Message> Registration serve(
      RpcMethod<Q, R> method, String topic, Handler<Q, R> handler, Bidder<Q> bidder) {
    if (!method.service().equals(service)) {
      throw new IllegalArgumentException(
          method.service() + "." + method.name() + " is no method of " + service);
    }
    ServedMethod<Q, R> served = new ServedMethod<>(this, method, topic, handler, bidder);
    if (methods.putIfAbsent(served.requestChannel(), served) != null) {
      throw new IllegalStateException(served.requestChannel() + " is served already by " + id);
    }
    if (closed) {
      methods.remove(served.requestChannel(), served);
      throw new IllegalStateException("server " + id + " is closed");
    }
    try {
      served.open(bus);
    } catch (RuntimeException refused) { // half served is not served: it may be tried again
      served.cut();
      methods.remove(served.requestChannel(), served);
      throw refused;
    }
    try {
      if (!served.awaitActive(limits.subscribeWait())) {
        log.atWarn()
            .addKeyValue("method", served.name())
            .addKeyValue("topic", topic)
            .log("serving, but the bus does not carry its requests yet");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return served;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public void close(Duration wait) {
    closed = true;
    methods.values().forEach(ServedMethod::close);
    awaitIdle(Deadline.in(time, wait));
    lingering.forEach(ServedMethod::cut);
    lingering.clear();
    running.forEach(Thread::interrupt);
    due.close();
  }

  ServerLimits limits() {
    return limits;
  }

  RpcMetrics metrics() {
    return metrics;
  }

  long nowNanos() {
    return due.nowNanos();
  }

  void expect(long dueNanos) {
    due.expect(dueNanos);
  }

  void after(Duration delay, Runnable task) {
    TimeSource.Timer _ = time.after(delay, task);
  }

  boolean isNew(String requestId) {
    return seen.add(requestId, true);
  }

  /** Why a choice for us finds no claim: taken already or over, or never ours. */
  DropReason whyNotWaiting(String requestId) {
    return seen.find(requestId).isPresent() ? DropReason.REPEATED : DropReason.UNKNOWN;
  }

  /** How long the caller of this request waits from now, and a note of its clock. */
  long budgetNanos(Request request) {
    long now = time.unixNanos();
    if (request.getSentAt() <= 0) { // not filled in: only its wall clock is left to judge by
      return atMostLongestCall(request.getExpiry() - now);
    }
    metrics.skew().observe(request.getClientId(), request.getSentAt(), now);
    return atMostLongestCall(request.getExpiry() - request.getSentAt());
  }

  /** How long a claim is kept must not be for the peer to say alone. */
  private long atMostLongestCall(long budgetNanos) {
    long longest = limits.longestCall().toNanos();
    if (budgetNanos <= longest) {
      return budgetNanos;
    }
    metrics.budgetCut();
    return longest;
  }

  /** A method has stopped taking requests: its choices are heard for a while, then it is cut. */
  void closed(ServedMethod<?, ?> method) {
    methods.remove(method.requestChannel(), method);
    lingering.add(method);
    after(
        limits.claimLinger(),
        () -> {
          if (lingering.remove(method)) {
            method.cut();
          }
        });
  }

  /** Sends; false (counted, not thrown) when the bus refuses. */
  boolean publish(String channel, byte[] payload) {
    try {
      bus.publish(channel, payload);
      return true;
    } catch (RpcException refused) {
      metrics.dropped(DropReason.OVERFLOW);
      log.atDebug().addKeyValue("channel", channel).setCause(refused).log("a message was not sent");
      return false;
    }
  }

  /** Answers with an error. */
  void refuse(Request request, RpcException error) {
    String text = error.getMessage();
    respond(
        request,
        Response.newBuilder()
            .setError(text == null || text.isEmpty() ? error.code().wire() : text)
            .setCode(error.code().wire())
            .addAllErrorDetails(error.details()));
  }

  /** Runs the handler on a thread of its own and answers. */
  <Q extends Message, R extends Message> void run(
      ServedMethod<Q, R> method, Request request, Q parsed, Duration remaining) {
    if (handlers.incrementAndGet() > limits.handlers()) {
      ended();
      refuse(
          request,
          new RpcException(
              RpcCode.RESOURCE_EXHAUSTED,
              "server " + id + " runs " + limits.handlers() + " requests already"));
      return;
    }
    metrics.handled();
    Context context =
        new Context(
            request.getRequestId(), request.getClientId(), request.getMetadataMap(), remaining);
    Thread thread =
        Thread.ofVirtual()
            .name("rpc-" + method.name())
            .unstarted(() -> handle(method, request, parsed, context));
    running.add(thread);
    thread.start();
  }

  private <Q extends Message, R extends Message> void handle(
      ServedMethod<Q, R> method, Request request, Q parsed, Context context) {
    long began = due.nowNanos();
    int came = request.getRawRequest().size();
    try {
      R answer = method.handler().handle(parsed, context);
      ByteString raw = answer.toByteString();
      method.calls().answered(due.nowNanos() - began, came, raw.size());
      respond(request, Response.newBuilder().setRawResponse(raw));
    } catch (RpcException refused) {
      failed(method, request, refused);
    } catch (InterruptedException stopping) {
      failed(method, request, new RpcException(RpcCode.CANCELED, "server is closed"));
    } catch (RuntimeException | Error failure) { // out of memory too: the caller waits
      metrics.dropped(DropReason.FAILED);
      log.atError()
          .addKeyValue("method", method.name())
          .addKeyValue("request", request.getRequestId())
          .setCause(failure)
          .log("a handler failed: the caller is answered \"internal\"");
      String text = method.name() + " failed: " + failure.getClass().getSimpleName();
      failed(method, request, new RpcException(RpcCode.INTERNAL, text));
    } finally {
      running.remove(Thread.currentThread());
      ended();
    }
  }

  private void failed(ServedMethod<?, ?> method, Request request, RpcException why) {
    method.calls().failed(why.code(), request.getRawRequest().size(), 0);
    refuse(request, why);
  }

  private void respond(Request request, Response.Builder answer) {
    byte[] bytes =
        Envelope.RESPONSE.encode(
            answer
                .setRequestId(request.getRequestId())
                .setServerId(id)
                .setSentAt(time.unixNanos())
                .build());
    String channel = Channels.response(service, request.getClientId());
    try {
      bus.publish(channel, bytes);
    } catch (RpcException refused) {
      if (refused.code() == RpcCode.INVALID_ARGUMENT && !answer.getRawResponse().isEmpty()) {
        refuse(request, new RpcException(RpcCode.RESOURCE_EXHAUSTED, "the answer is too large"));
      } else {
        metrics.dropped(DropReason.OVERFLOW);
        log.atWarn()
            .addKeyValue("request", request.getRequestId())
            .setCause(refused)
            .log("an answer was not sent: the caller will time out");
      }
    }
  }

  private void ended() {
    if (handlers.decrementAndGet() == 0 && closed) {
      lock.lock();
      try {
        idle.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Until no handler runs and no claim waits for a choice. */
  private void awaitIdle(Deadline deadline) {
    lock.lock();
    try {
      while (isBusy() && !deadline.hasPassed()) {
        // Claims end without a signal (chosen elsewhere, expired): look again every 10 ms.
        long wait = Math.min(deadline.remainingNanos(), TimeUnit.MILLISECONDS.toNanos(10));
        long _ = idle.awaitNanos(Math.max(1, wait));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private boolean isBusy() {
    return handlers.get() > 0 || lingering.stream().anyMatch(m -> m.waitingClaims() > 0);
  }

  private long sweep(long nowNanos) {
    long next = DueTimer.NEVER;
    for (ServedMethod<?, ?> method : methods.values()) {
      next = Math.min(next, method.sweep(nowNanos));
    }
    for (ServedMethod<?, ?> method : lingering) {
      next = Math.min(next, method.sweep(nowNanos));
    }
    return next;
  }
}
