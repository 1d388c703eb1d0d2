package io.spillway.controller.idempotency;

import io.spillway.controller.dispatch.IdMaker;
import io.spillway.controller.dispatch.Trace;
import io.spillway.controller.request.StartRequest;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.store.ControllerStore;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import io.spillway.store.keys.StartKey;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes each start once for each {@code Idempotency-Key}: the key is stored before anything is
 * started, and whoever comes with it again, to any controller, gets the egress of the first. One
 * that comes while the first is still being started waits for its outcome. A start that failed has
 * started nothing and frees its key: the next one with it is a new try. Without a key every call is
 * a start of its own.
 */
public final class IdempotentStarts {
  /** How long a key is remembered. */
  public static final Duration REMEMBERED = Duration.ofHours(24);

  private static final Duration LOOK_EVERY = Duration.ofMillis(50);
  private static final Logger LOG = LoggerFactory.getLogger(IdempotentStarts.class);

  private final ControllerStore store;
  private final Starter starter;
  private final IdMaker ids;
  private final Duration startTimeout;
  private final TimeSource time;

  /** Makes a start under an id. */
  @FunctionalInterface
  public interface Starter {
    /** As {@link io.spillway.controller.dispatch.StartFlow#start}. */
    EgressInfo start(String id, StartRequest wish, Trace trace) throws InterruptedException;
  }

  /** {@code startTimeout} is what the starter takes at most. */
  public IdempotentStarts(
      ControllerStore store, Starter starter, IdMaker ids, Duration startTimeout, TimeSource time) {
    this.store = store;
    this.starter = starter;
    this.ids = ids;
    this.startTimeout = startTimeout;
    this.time = time;
  }

  /**
   * The EgressInfo of the egress that this start made, or that an earlier one with its key did.
   *
   * @throws RpcException why nothing was started; {@code already_exists} when the key was used for
   *     another request
   */
  public EgressInfo start(StartCall call, StartRequest wish, Trace trace)
      throws InterruptedException {
    if (call.key().isEmpty()) {
      return starter.start(ids.egress(), wish, trace);
    }
    Deadline patience = Deadline.in(time, startTimeout.plusSeconds(2));
    do {
      StartKey mine =
          new StartKey(call.apiKey(), call.key(), call.bodyHash(), ids.egress(), time.unixNanos());
      Optional<StartKey> earlier = reserve(mine);
      if (earlier.isEmpty()) {
        return startUnder(mine, wish, trace);
      }
      StartKey first = earlier.get();
      refuseOther(first, mine);
      Optional<StoredEgress> stored = store.find(first.egressId());
      if (isFree(first, stored)) {
        if (store.startKeys().replace(first, mine)) {
          return startUnder(mine, wish, trace);
        }
      } else if (stored.isPresent() && isDecided(stored.get())) {
        return repeated(stored.get(), trace);
      }
      time.pause(LOOK_EVERY);
    } while (!patience.hasPassed());
    throw new RpcException(
        RpcCode.UNAVAILABLE,
        "the first start with this Idempotency-Key is still under way: ask again with the same key");
  }

  private Optional<StartKey> reserve(StartKey mine) {
    try {
      return store.startKeys().reserve(mine);
    } catch (StoreException unreachable) {
      throw new RpcException(
          RpcCode.UNAVAILABLE,
          "could not store the Idempotency-Key: nothing was started ("
              + unreachable.getMessage()
              + ")",
          unreachable);
    }
  }

  private void refuseOther(StartKey first, StartKey mine) {
    if (!isOld(first) && !first.bodyHash().equals(mine.bodyHash())) {
      throw new RpcException(
          RpcCode.ALREADY_EXISTS,
          "Idempotency-Key was used for another request within 24 h: nothing was started");
    }
  }

  private boolean isOld(StartKey key) {
    return time.unixNanos() - key.createdAtNanos() > REMEMBERED.toNanos();
  }

  /** Whether the key's start is past, or came to nothing. */
  private boolean isFree(StartKey first, Optional<StoredEgress> stored) {
    if (isOld(first)) {
      return true;
    }
    if (stored.isEmpty()) {
      // Its controller died before it stored the egress; until it may be so, it lives.
      return time.unixNanos() - first.createdAtNanos() > startTimeout.toNanos();
    }
    return stored.get().info().getStatus() == EgressStatus.EGRESS_FAILED
        && stored.get().node().isEmpty();
  }

  private static boolean isDecided(StoredEgress egress) {
    return egress.sequence() > 0 || egress.info().getStatus() != EgressStatus.EGRESS_STARTING;
  }

  private static EgressInfo repeated(StoredEgress egress, Trace trace) {
    trace.egress(egress.info().getEgressId(), egress.epoch());
    trace.node(egress.node());
    trace.roomSid(egress.info().getRoomId());
    LOG.atInfo().log("start repeated, answered with the egress of the first");
    return egress.info();
  }

  private EgressInfo startUnder(StartKey key, StartRequest wish, Trace trace)
      throws InterruptedException {
    boolean started = false;
    try {
      EgressInfo info = starter.start(key.egressId(), wish, trace);
      started = true;
      return info;
    } finally {
      if (!started) {
        release(key);
      }
    }
  }

  private void release(StartKey key) {
    boolean interrupted = Thread.interrupted(); // the key must be freed all the same
    try {
      store.startKeys().release(key);
    } catch (StoreException unreachable) {
      LOG.atWarn().setCause(unreachable).log("key of a failed start is freed when it is asked for");
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
