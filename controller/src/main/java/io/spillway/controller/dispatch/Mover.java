package io.spillway.controller.dispatch;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.spillway.controller.dispatch.Reconciler.Move;
import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.gonode.GoBook;
import io.spillway.core.egress.EndReason;
import io.spillway.core.egress.Failure;
import io.spillway.core.fleet.LostEgress.Verdict;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcException;
import io.spillway.store.Applied;
import io.spillway.store.EgressStore;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves or ends what the {@link Reconciler} finds, once a second. Fenced first, then started on
 * another node as the next part; an egress that nobody takes within {@link #WAIT_FOR_NODE} ends as
 * failed with what was recorded.
 */
public final class Mover implements AutoCloseable {
  /** How long an egress may wait for another node. */
  public static final Duration WAIT_FOR_NODE = Duration.ofSeconds(30);

  /** Nodes that live have sent a lease to a controller that is as old as this. */
  private static final Duration LEASES_COME = Duration.ofSeconds(10);

  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(Mover.class);

  private final EgressStore store;
  private final FleetBook book;
  private final Reconciler reconciler;
  private final GoBook go;
  private final Dispatcher dispatcher;
  private final RequestSealer sealer;
  private final TimeSource time;
  private final Executor executor;
  private final Placements placements;
  private final AtomicReference<TimeSource.Timer> timer = new AtomicReference<>(() -> {});
  private volatile boolean closed;

  /**
   * Moves nothing before {@link #start}.
   *
   * @param go hears what became of the starts that its nodes claimed
   * @param executor where sweeps and moves may block, a virtual thread each
   */
  public Mover(
      EgressStore store,
      FleetBook book,
      Reconciler reconciler,
      GoBook go,
      Dispatcher dispatcher,
      RequestSealer sealer,
      Placements placements,
      TimeSource time,
      Executor executor) {
    this.store = store;
    this.book = book;
    this.reconciler = reconciler;
    this.go = go;
    this.dispatcher = dispatcher;
    this.sealer = sealer;
    this.placements = placements;
    this.time = time;
    this.executor = executor;
  }

  /** Sweeps once a second from now on. */
  public void start() {
    timer.set(time.after(EVERY, () -> executor.execute(this::sweepAndGoOn)));
  }

  private void sweepAndGoOn() {
    if (closed) {
      return;
    }
    try {
      sweep();
    } catch (RuntimeException defect) {
      LOG.atError().setCause(defect).log("a sweep over the unfinished egresses failed");
    } finally {
      if (!closed) {
        start(); // only now: sweeps never pile up behind a slow store
      }
    }
  }

  private void sweep() {
    List<StoredEgress> unfinished;
    try {
      placements.owed().pay(store);
      long read = time.nanos();
      unfinished = store.unfinished();
      book.storeReachable(true);
      if (book.isBlind()) {
        go.blind(); // reports didn't come because none could
      } else {
        go.stored(unfinished, read, book::isAlive);
      }
    } catch (StoreException away) {
      book.storeReachable(false);
      go.blind();
      LOG.atWarn().setCause(away).log("the store can't be read, nobody is judged");
      return;
    }
    if (!book.hasNodes() && go.nodes().isEmpty() && book.age().compareTo(LEASES_COME) < 0) {
      return; // there is nothing to compare with yet
    }
    for (Move move : reconciler.sweep(unfinished)) {
      String id = move.egress().info().getEgressId();
      if (placements.begin(id)) {
        executor.execute(() -> carryOut(move));
      }
    }
  }

  private void carryOut(Move move) {
    String id = move.egress().info().getEgressId();
    Trace trace = Trace.begin("move-" + id);
    try {
      trace.egress(id, move.egress().epoch());
      trace.region(move.egress().region());
      if (move.egress().info().getStatus() != EgressStatus.EGRESS_STARTING) {
        trace.goesOn();
      }
      fence(move, trace);
    } catch (StoreException away) {
      LOG.atWarn()
          .setCause(away)
          .log("a lost egress could not be moved, the next sweep tries again");
    } finally {
      trace.end();
      placements.end(id);
    }
  }

  private void fence(Move move, Trace trace) {
    String id = move.egress().info().getEgressId();
    Optional<Integer> epoch =
        store.fenceFrom(id, move.egress().epoch(), book.controllerId(), move.reason());
    if (epoch.isEmpty()) {
      return; // it ended, or another controller was faster
    }
    trace.egress(id, epoch.get());
    LOG.atWarn()
        .addKeyValue("reason", move.reason())
        .addKeyValue("verdict", move.verdict())
        .log("egress lost its recorder");
    Optional<StartEgressRequest> request =
        move.verdict() == Verdict.CONTINUE ? request(move.egress()) : Optional.empty();
    if (request.isEmpty()) {
      end(move.egress(), epoch.get(), Failure.nodeLost().text());
      return;
    }
    goOn(move.egress(), request.get().toBuilder().setRetryCount(epoch.get() - 1).build(), trace);
  }

  private void goOn(StoredEgress egress, StartEgressRequest request, Trace trace) {
    try {
      EgressInfo _ = dispatcher.dispatch(request, trace, Deadline.in(time, WAIT_FOR_NODE));
      LOG.atInfo().log("egress goes on on another node");
    } catch (RpcException nobody) {
      if (closed) {
        LOG.atInfo().log("this controller closes: another one looks for a node");
        return;
      }
      LOG.atWarn().setCause(nobody).log("no node goes on with the egress");
      end(egress, trace.epoch(), Failure.nodeLost().text() + "; " + nobody.getMessage());
    }
  }

  private Optional<StartEgressRequest> request(StoredEgress egress) {
    String id = egress.info().getEgressId();
    Optional<ByteString> opened = sealer.open(id, egress.sealedRequest());
    try {
      return opened.isEmpty()
          ? Optional.empty()
          : Optional.of(
              StartEgressRequest.parseFrom(opened.get()).toBuilder()
                  .setRoomId(egress.info().getRoomId())
                  .build());
    } catch (InvalidProtocolBufferException damaged) {
      LOG.atError().setCause(damaged).log("a stored request can't be read, its egress ends");
      return Optional.empty();
    }
  }

  /** The largest sequence: an end of ours is later than whatever the fenced node reports. */
  private void end(StoredEgress egress, int epoch, String text) {
    long now = time.unixNanos();
    EgressInfo failed =
        egress.info().toBuilder()
            .setStatus(EgressStatus.EGRESS_FAILED)
            .setRetryCount(epoch - 1)
            .setEndedAt(now)
            .setUpdatedAt(now)
            .setError(text)
            .setErrorCode(Failure.nodeLost().code())
            .setDetails(EndReason.FAILURE.details())
            .build();
    Applied applied =
        store.apply(new StatusUpdate(failed, epoch, Long.MAX_VALUE, egress.node(), text));
    LOG.atWarn().addKeyValue("applied", applied).log("lost egress ended");
  }

  @Override
  public void close() {
    closed = true;
    timer.get().cancel();
  }
}
