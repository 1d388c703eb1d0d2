package io.spillway.node.report;

import io.spillway.core.bounded.Backoff;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.core.trace.TraceKeys;
import io.spillway.node.request.EgressTrace;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcException;
import io.spillway.storage.journal.Durability;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends statuses to whoever keeps them until they are acknowledged: each egress in its own order,
 * no egress waiting for another. Thread-safe.
 *
 * <p>Any error is retried with back-off, for {@link #GIVE_UP_AFTER}, a final status without end:
 * livekit/egress drops an update on any error but a time-out, which is how a recording that went
 * well could stay ACTIVE for ever. While an egress waits for its next try it costs no thread. A
 * status is on the disk before it is sent, or known not to get there: the journal says so at once
 * on a disk that fails, within a second on one that hangs. Only ACTIVE, whose delay is a user's,
 * goes ahead of a slow disk ({@link #ACTIVE_WAITS}), and everything ahead of a ledger that says
 * nothing ({@link #LEDGER_SPEAKS_WITHIN}); both are counted. A defect or want of memory of ours
 * counts as a failed try: no lane ends with the thread that it had.
 *
 * <p>Long because all that may happen to a lane stands in one file.
 */
public final class StatusReporter {
  static final Duration GIVE_UP_AFTER = Duration.ofDays(1);

  /** The journal knows after a second: one that says nothing by then is broken, and no reason. */
  static final Duration LEDGER_SPEAKS_WITHIN = Duration.ofSeconds(5);

  /** Lost in a power cut it is only late: the recording's end follows it. */
  static final Duration ACTIVE_WAITS = Duration.ofMillis(50);

  static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  /** Statuses of one egress that may wait; an egress has about five in its life. */
  static final int MOST_WAITING = 64;

  private static final Logger LOG = LoggerFactory.getLogger(StatusReporter.class);
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

  private final String nodeId;
  private final RpcClient io;
  private final Ledger ledger;
  private final TimeSource time;
  private final RandomGenerator random;
  private final Executor executor;
  private final Listener listener;
  private final Map<String, Lane> lanes = new HashMap<>();
  private final LongAdder unwritten = new LongAdder();
  private boolean closed;

  /** Where statuses are written before they are sent. */
  public interface Ledger {
    /**
     * Writes a status down. Never blocks and never fails: what can't be written is kept in memory
     * and counted.
     */
    Entry append(String egressId, int epoch, boolean last, byte[] status);

    /** A status written down, or on its way. */
    interface Entry {
      /** Waits until its fate is known, at most until the deadline: then it is not yet. */
      Durability durable(Deadline deadline) throws InterruptedException;

      /** It was delivered: it needn't be kept. */
      void acknowledge();
    }
  }

  /** Told when whoever keeps the status doesn't want this egress. */
  @FunctionalInterface
  public interface Listener {
    /**
     * CreateEgress was refused: another recorder has this egress, or its epoch is past. False when
     * whoever answered gives no egress to a second recorder: then that is no word on this one, and
     * is asked again as after any error.
     */
    boolean refused(String egressId, RpcException why);
  }

  /** {@code executor} runs the sending, a virtual thread per task. */
  public StatusReporter(
      String nodeId,
      RpcClient io,
      Ledger ledger,
      TimeSource time,
      RandomGenerator random,
      Executor executor,
      Listener listener) {
    this.nodeId = nodeId;
    this.io = io;
    this.ledger = ledger;
    this.time = time;
    this.random = random;
    this.executor = executor;
    this.listener = listener;
  }

  /** The first status of an egress on its way. */
  public interface Delivery {
    /**
     * Waits until it is acknowledged or refused, at most until the deadline; the refusal if it is
     * one.
     */
    Optional<RpcException> await(Deadline deadline) throws InterruptedException;

    /** Whether it was acknowledged or refused. */
    boolean isSettled();
  }

  /** Reports an egress's first status, by CreateEgress. */
  public Delivery created(EgressInfo info, EgressTrace trace) {
    FirstDelivery delivery = new FirstDelivery();
    add(
        new Pending(
            info,
            trace,
            Optional.of(delivery),
            false,
            time.nanos(),
            written(info, false),
            () -> {}));
    return delivery;
  }

  private static final class FirstDelivery implements Delivery {
    private final CountDownLatch settled = new CountDownLatch(1);
    private volatile Optional<RpcException> refusal = Optional.empty();

    void settle(Optional<RpcException> why) {
      refusal = why;
      settled.countDown();
    }

    @Override
    public Optional<RpcException> await(Deadline deadline) throws InterruptedException {
      boolean _ = settled.await(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
      return refusal;
    }

    @Override
    public boolean isSettled() {
      return settled.getCount() == 0;
    }
  }

  /** Reports a later status, by UpdateEgress. */
  public void updated(EgressInfo info, EgressTrace trace) {
    add(later(info, trace, false, written(info, false), () -> {}));
  }

  /** Reports a terminal status of an egress that an earlier process began. */
  public void ended(EgressInfo info, Runnable safe) {
    ended(info, unasked(info), safe);
  }

  /**
   * Reports a terminal status.
   *
   * @param safe run once, when it is on the disk or was acknowledged: only then may be forgotten
   *     what would lead to it again
   */
  public void ended(EgressInfo info, EgressTrace trace, Runnable safe) {
    add(later(info, trace, true, written(info, true), once(safe)));
  }

  /** Sends again what an earlier process of this node left in its journal. */
  public void replayed(EgressInfo info, boolean last, Ledger.Entry entry) {
    add(later(info, unasked(info), last, entry, () -> {}));
  }

  private Pending later(
      EgressInfo info, EgressTrace trace, boolean last, Ledger.Entry entry, Runnable safe) {
    return new Pending(info, trace, Optional.empty(), last, time.nanos(), entry, safe);
  }

  /** Which request began it, nobody knows any more. */
  private EgressTrace unasked(EgressInfo info) {
    return EgressTrace.of(info, "", nodeId);
  }

  private Ledger.Entry written(EgressInfo info, boolean last) {
    return ledger.append(info.getEgressId(), epoch(info), last, info.toByteArray());
  }

  private static Runnable once(Runnable task) {
    AtomicBoolean begun = new AtomicBoolean();
    return () -> {
      if (begun.compareAndSet(false, true)) {
        task.run();
      }
    };
  }

  private static int epoch(EgressInfo info) {
    return info.getRetryCount() + 1;
  }

  private void add(Pending pending) {
    synchronized (lanes) {
      if (closed) {
        return; // it is in the journal and goes out at the next start
      }
      Lane lane = lanes.computeIfAbsent(pending.info.getEgressId(), _ -> new Lane());
      if (lane.waiting.size() == MOST_WAITING) {
        Pending skipped = lane.waiting.removeLast();
        skipped.entry.acknowledge();
        LOG.atWarn()
            .addKeyValue("egress", skipped.info.getEgressId())
            .log(
                "more statuses wait than an egress can have, the newest replaces the one before it");
      }
      lane.waiting.addLast(pending);
      if (!lane.sending) {
        lane.sending = true;
        resume(pending.info.getEgressId(), lane);
      }
    }
  }

  private void resume(String egressId, Lane lane) {
    try {
      executor.execute(() -> send(egressId, lane));
    } catch (Error noMemory) { // for a thread
      sendLater(egressId, lane);
    }
  }

  private void sendLater(String egressId, Lane lane) {
    long pause;
    synchronized (lanes) {
      lane.failures++;
      lane.paused = true;
      pause = ++lane.pauses;
    }
    boolean isSet = false;
    try {
      var _ = time.after(BACKOFF.after(lane.failures, random), () -> goOn(egressId, lane, pause));
      isSet = true;
    } finally {
      if (!isSet) {
        synchronized (lanes) {
          lane.paused = false;
          lane.sending = false; // the egress's next status wakes it
        }
      }
    }
  }

  /** Ends a pause, unless something else did. */
  private void goOn(String egressId, Lane lane, long pause) {
    synchronized (lanes) {
      if (!lane.paused || lane.pauses != pause) {
        return;
      }
      lane.paused = false;
    }
    resume(egressId, lane);
  }

  /**
   * A message of this client got through just now: what pauses after failures is tried at once.
   * After an outage this node would look ill for as long as its longest pause. Once for each row of
   * failures: what fails for another reason keeps its pauses.
   */
  public void gotThrough() {
    List<Runnable> due = new ArrayList<>();
    synchronized (lanes) {
      lanes.forEach((egressId, lane) -> {
        if (lane.paused && !lane.hurried) {
          lane.hurried = true;
          long pause = lane.pauses;
          due.add(() -> goOn(egressId, lane, pause));
        }
      });
    }
    due.forEach(Runnable::run);
  }

  private void send(String egressId, Lane lane) {
    boolean isEmpty = false;
    try {
      isEmpty = sentAll(egressId, lane);
    } catch (RuntimeException | Error defect) {
      LOG.atError()
          .addKeyValue("egress", egressId)
          .setCause(defect)
          .log("a status could not be sent by a defect of ours, it is tried again");
    } finally { // there may be no memory for the log's line
      if (!isEmpty) {
        sendLater(egressId, lane);
      }
    }
  }

  /** Until nothing waits; false when a status could not be sent. */
  private boolean sentAll(String egressId, Lane lane) {
    while (true) {
      Pending next;
      synchronized (lanes) {
        Pending head = lane.waiting.peekFirst();
        if (head == null || closed) {
          lane.sending = false;
          lanes.remove(egressId, lane);
          lanes.notifyAll();
          return true;
        }
        next = head;
      }
      if (!sent(next)) {
        return false;
      }
      lane.failures = 0;
      lane.hurried = false;
      next.entry.acknowledge();
      nowSafe(next);
      synchronized (lanes) {
        lane.waiting.remove(next);
      }
    }
  }

  /** A defect in what the status's owner does about it must not hold up the lane. */
  private static void nowSafe(Pending pending) {
    try {
      pending.safe.run();
    } catch (RuntimeException | Error defect) {
      LOG.atError().setCause(defect).log("a status is safe, but its part of the spool was kept");
    }
  }

  private boolean sent(Pending pending) {
    try (var _ = pending.trace.mark()) {
      return delivered(pending);
    }
  }

  private boolean delivered(Pending pending) {
    try {
      awaitWritten(pending);
      Map<String, String> metadata = pending.trace.metadata();
      metadata.put(TraceKeys.META_SEQUENCE, Long.toString(pending.info.getUpdatedAt()));
      CallOptions options = CallOptions.within(CALL_TIMEOUT).withMetadata(metadata);
      var _ =
          io.call(
              pending.first.isPresent()
                  ? EgressServices.CREATE_EGRESS
                  : EgressServices.UPDATE_EGRESS,
              "",
              pending.info,
              options);
      pending.first.ifPresent(first -> first.settle(Optional.empty()));
      return true;
    } catch (RpcException failure) {
      return settled(pending, failure);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void awaitWritten(Pending pending) throws InterruptedException {
    boolean active = pending.info.getStatus() == EgressStatus.EGRESS_ACTIVE;
    Duration most = active ? ACTIVE_WAITS : LEDGER_SPEAKS_WITHIN;
    switch (pending.entry.durable(Deadline.in(time, most))) {
      case DURABLE -> {
        if (pending.last) {
          nowSafe(pending);
        }
      }
      case MEMORY_ONLY -> {} // counted by the ledger
      case NOT_YET -> {
        unwritten.increment();
        LOG.atDebug()
            .addKeyValue("status", pending.info.getStatus())
            .log("a status is sent while it is being written to disk");
      }
    }
  }

  private boolean settled(Pending pending, RpcException failure) {
    if (pending.first.isPresent()
        && isRefusal(failure)
        && listener.refused(pending.info.getEgressId(), failure)) {
      pending.first.get().settle(Optional.of(failure));
      LOG.atWarn().setCause(failure).log("the egress is not wanted, it ends");
      return true;
    }
    if (!pending.last && time.nanos() - pending.sinceNanos > GIVE_UP_AFTER.toNanos()) {
      LOG.atError()
          .addKeyValue("status", pending.info.getStatus())
          .setCause(failure)
          .log("a status could not be delivered for a day and is given up; it stays in the log");
      return true;
    }
    LOG.atWarn()
        .addKeyValue("status", pending.info.getStatus())
        .addKeyValue("code", failure.code().wire())
        .addKeyValue("error", failure.getMessage())
        .log("a status could not be delivered, it is tried again");
    return false;
  }

  /** An answer to CreateEgress that no repetition will change. */
  private static boolean isRefusal(RpcException failure) {
    return switch (failure.code()) {
      case ALREADY_EXISTS, ABORTED, FAILED_PRECONDITION, PERMISSION_DENIED -> true;
      case CANCELED,
          MALFORMED_REQUEST,
          MALFORMED_RESULT,
          DEADLINE_EXCEEDED,
          UNAVAILABLE,
          UNKNOWN,
          INVALID_ARGUMENT,
          NOT_FOUND,
          NOT_ACCEPTABLE,
          RESOURCE_EXHAUSTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          DATA_LOSS,
          UNAUTHENTICATED,
          UNPROCESSABLE_ENTITY,
          UPSTREAM_SERVER_ERROR,
          UPSTREAM_CLIENT_ERROR ->
          false;
    };
  }

  /** The egresses with a status that waits to be acknowledged. */
  public Set<String> waiting() {
    synchronized (lanes) {
      return Set.copyOf(lanes.keySet());
    }
  }

  /** How many statuses wait to be acknowledged. */
  public int depth() {
    synchronized (lanes) {
      return lanes.values().stream().mapToInt(lane -> lane.waiting.size()).sum();
    }
  }

  /** How many tries to send a status did not wait for a slow disk. */
  public long sentUnwritten() {
    return unwritten.sum();
  }

  /** How long the oldest status has been waiting; zero when none does. */
  public Duration oldestAge() {
    synchronized (lanes) {
      long now = time.nanos();
      return lanes.values().stream()
          .flatMap(lane -> lane.waiting.stream())
          .map(pending -> Duration.ofNanos(now - pending.sinceNanos))
          .max(Duration::compareTo)
          .orElse(Duration.ZERO);
    }
  }

  /** Waits until everything is acknowledged, at most until the deadline. */
  public boolean awaitEmpty(Deadline deadline) throws InterruptedException {
    return deadline.await(lanes, lanes::isEmpty);
  }

  /** Sends nothing more; what waits is in the journal. */
  public void close() {
    synchronized (lanes) {
      closed = true;
      lanes.clear();
    }
  }

  private static final class Lane {
    final ArrayDeque<Pending> waiting = new ArrayDeque<>();
    boolean sending;
    boolean paused;
    long pauses;

    /** A pause of this row of failures was cut short. */
    boolean hurried;

    int failures;
  }

  private record Pending(
      EgressInfo info,
      EgressTrace trace,
      Optional<FirstDelivery> first,
      boolean last,
      long sinceNanos,
      Ledger.Entry entry,
      Runnable safe) {}
}
