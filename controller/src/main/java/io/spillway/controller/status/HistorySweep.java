package io.spillway.controller.status;

import io.spillway.core.time.TimeSource;
import io.spillway.store.EgressStore;
import io.spillway.store.StoreException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets egresses that ended longer ago than the history is kept: at the start and once an hour.
 * Several controllers may sweep one store, what one has removed the others don't find.
 */
public final class HistorySweep implements AutoCloseable {
  static final Duration EVERY = Duration.ofHours(1);

  /** Rows of one transaction: other writes get their turn between two. */
  static final int BATCH = 500;

  /** Batches of one sweep; the next sweep goes on. */
  private static final int MOST_BATCHES = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(HistorySweep.class);

  private final EgressStore store;
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
  public HistorySweep(EgressStore store, TimeSource time, Duration retention, Executor executor) {
    this.store = store;
    this.time = time;
    this.retention = retention;
    this.executor = executor;
  }

  /** Sweeps now and every hour from now on; does nothing when the history is kept for ever. */
  public void start() {
    if (!retention.isZero()) {
      sweepAndGoOn();
    }
  }

  private void sweepAndGoOn() {
    if (closed) {
      return;
    }
    executor.execute(this::sweep);
    timer.set(time.after(EVERY, this::sweepAndGoOn));
  }

  private void sweep() {
    long before = time.unixNanos() - retention.toNanos();
    long forgotten = 0;
    try {
      for (int batch = 0; batch < MOST_BATCHES && !closed; batch++) {
        int rows = store.forgetEnded(before, BATCH);
        forgotten += rows;
        if (rows < BATCH) {
          break;
        }
      }
    } catch (StoreException unreachable) {
      LOG.atWarn().setCause(unreachable).log("old egresses not removed, tried again in an hour");
    }
    if (forgotten > 0) {
      LOG.atInfo()
          .addKeyValue("egresses", forgotten)
          .addKeyValue("older_than", retention)
          .log("old egresses removed from the history");
    }
  }

  /** Begins no further sweep; a batch under way ends by itself. */
  @Override
  public void close() {
    closed = true;
    timer.get().cancel();
  }
}
