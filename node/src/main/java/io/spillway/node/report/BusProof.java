package io.spillway.node.report;

import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves every two seconds that this node's messages get through: the bus's message to itself, and
 * a round trip of the very client that carries statuses. A node whose statuses can't get out looks
 * alive to everybody else; this is how it knows better. Thread-safe.
 *
 * <p>The round trip asks for the egresses of a room that can't exist: livekit-server answers it
 * with an empty list from one key of Redis, and logs nothing.
 *
 * <p>When proofs come again after some were missed, whoever else depends on livekit-server's Redis
 * may have missed news meanwhile, and is told.
 */
public final class BusProof implements AutoCloseable {
  /** How often. */
  static final Duration EVERY = Duration.ofSeconds(2);

  /** Two proofs may be missed. */
  public static final Duration FRESH = Duration.ofSeconds(6);

  /** Longer than from one proof to the next with a slow answer. */
  static final Duration GAP = Duration.ofSeconds(5);

  static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);

  /** LiveKit gives rooms any name that its users choose, but nobody can type this one. */
  public static final String NO_ROOM = "\u0000spillway proves its bus";

  private static final Logger LOG = LoggerFactory.getLogger(BusProof.class);

  private final MessageBus bus;
  private final RpcClient io;
  private final TimeSource time;
  private final Executor executor;
  private final Runnable back;
  private final AtomicReference<TimeSource.Timer> timer = new AtomicReference<>(() -> {});
  private volatile long answeredAtNanos;
  private volatile boolean answered;
  private volatile boolean closed;
  private boolean wasFresh;

  /**
   * Proves nothing before {@link #start}.
   *
   * @param back run when an answer comes after {@link #GAP} without one
   */
  public BusProof(MessageBus bus, RpcClient io, TimeSource time, Executor executor, Runnable back) {
    this.back = back;
    this.bus = bus;
    this.io = io;
    this.time = time;
    this.executor = executor;
  }

  /** Begins at once, on a thread of the executor. */
  public void start() {
    if (!closed) {
      timer.set(time.after(EVERY, this::start));
      executor.execute(this::prove);
    }
  }

  private void prove() {
    try {
      var _ =
          io.call(
              EgressServices.LIST_EGRESS,
              "",
              ListEgressRequest.newBuilder().setRoomName(NO_ROOM).build(),
              CallOptions.within(ANSWER_WITHIN));
      noteAnswer();
    } catch (RpcException unproven) {
      LOG.atDebug().setCause(unproven).log("no round trip to whoever keeps statuses");
    }
    tellChange();
  }

  private void noteAnswer() {
    long now = time.nanos();
    boolean wasAway = answered && now - answeredAtNanos > GAP.toNanos();
    answeredAtNanos = now;
    answered = true;
    if (wasAway) {
      back.run();
    }
  }

  private synchronized void tellChange() {
    boolean fresh = isFresh();
    if (fresh != wasFresh && !closed) {
      wasFresh = fresh;
      if (fresh) {
        LOG.atInfo().log("messages get through both ways: this node claims requests");
      } else {
        LOG.atWarn()
            .addKeyValue("without_proof_ms", age().toMillis())
            .log("no proof that messages get through: this node claims no request until there is");
      }
    }
  }

  /** Whether both ways worked lately. */
  public boolean isFresh() {
    return answered && age().compareTo(FRESH) <= 0;
  }

  /** Age of the older of the two proofs; a very long time while there is none. */
  public Duration age() {
    if (!answered) {
      return Duration.ofDays(365);
    }
    Duration roundTrip = Duration.ofNanos(time.nanos() - answeredAtNanos);
    Duration toItself = bus.sinceProof();
    return roundTrip.compareTo(toItself) > 0 ? roundTrip : toItself;
  }

  @Override
  public void close() {
    closed = true;
    timer.get().cancel();
  }
}
