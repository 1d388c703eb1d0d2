package io.spillway.controller.status;

import io.spillway.controller.idempotency.IdempotentStarts;
import io.spillway.core.time.TimeSource;
import io.spillway.store.ControllerStore;
import io.spillway.store.StoreException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets egresses that ended longer ago than the history is kept, and keys of starts after their
 * day: at the start and once an hour. Several controllers may sweep one store, what one has removed
 * the others don't find.
 */
public final class HistorySweep implements AutoCloseable {
  /** As long as a key must be good for. */
  static final Duration START_KEYS_KEPT = IdempotentStarts.REMEMBERED;

  static final Duration EVERY = Duration.ofHours(1);

  /** Rows of one transaction: other writes get their turn between two. */
  static final int BATCH = 500;

  /** Batches of one sweep; the next sweep goes on. */
  private static final int MOST_BATCHES = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(HistorySweep.class);

  private final ControllerStore store;
  private final TimeSource time;
  private final Duration retention;
  private final Executor executor;
  private final AtomicReference<TimeSource.Timer> timer = new AtomicReference<>(() -> {});
  private volatile boolean closed;

  /**
   * Sweeps nothing before {@link #start}.
   *
   * @param retention how long an ended egress is kept; zero: for ever
   * @param executor where the sweep may block
   */
  public HistorySweep(
      ControllerStore store, TimeSource time, Duration retention, Executor executor) {
    this.store = store;
    this.time = time;
    this.retention = retention;
    this.executor = executor;
  }

  /** Sweeps now and every hour from now on. */
  public void start() {
    sweepAndGoOn();
  }

  private void sweepAndGoOn() {
    if (closed) {
      return;
    }
    executor.execute(this::sweep);
    timer.set(time.after(EVERY, this::sweepAndGoOn));
  }

  private void sweep() {
    long now = time.unixNanos();
    try {
      long keys =
          inBatches(most -> store.startKeys().forget(now - START_KEYS_KEPT.toNanos(), most));
      LOG.atDebug().addKeyValue("keys", keys).log("old Idempotency-Keys removed");
      if (retention.isZero()) {
        return;
      }
      long forgotten = inBatches(most -> store.forgetEnded(now - retention.toNanos(), most));
      if (forgotten > 0) {
        LOG.atInfo()
            .addKeyValue("egresses", forgotten)
            .addKeyValue("older_than", retention)
            .log("old egresses removed from the history");
      }
    } catch (StoreException unreachable) {
      LOG.atWarn().setCause(unreachable).log("old records not removed, tried again in an hour");
    }
  }

  private long inBatches(IntUnaryOperator forget) {
    long forgotten = 0;
    for (int batch = 0; batch < MOST_BATCHES && !closed; batch++) {
      int rows = forget.applyAsInt(BATCH);
      forgotten += rows;
      if (rows < BATCH) {
        break;
      }
    }
    return forgotten;
  }

  /** Begins no further sweep; a batch under way ends by itself. */
  @Override
  public void close() {
    closed = true;
    timer.get().cancel();
  }
}
