package io.spillway.node.recorder;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one task again and again on shared threads: whenever it is wanted, never twice at once. What
 * is wanted during a run is done by one more run after it. Thread-safe; asking costs a few
 * nanoseconds and never waits.
 */
final class Turns {
  private static final Logger LOG = LoggerFactory.getLogger(Turns.class);

  private volatile Executor threads;
  private boolean moved; // only within runs, which follow one another
  private final Runnable task;
  private final AtomicInteger wanted = new AtomicInteger();

  /** Nothing runs before it is wanted. {@code task} must not throw. */
  Turns(Executor threads, Runnable task) {
    this.threads = threads;
    this.task = task;
  }

  /** Asks for a run that sees everything done before this call. */
  void want() {
    if (wanted.getAndIncrement() == 0) {
      queue();
    }
  }

  /**
   * Runs on other threads from the next run on, and wants that run. Called within a run: so the
   * task is never on both.
   */
  void moveTo(Executor others) {
    threads = others;
    moved = true;
    want();
  }

  private void queue() {
    try {
      threads.execute(this::run);
    } catch (RejectedExecutionException closing) {
      LOG.atDebug().log("the node is closing: the next start takes up what is left");
    }
  }

  private void run() {
    int seen;
    do {
      seen = wanted.get();
      task.run();
      if (moved) {
        moved = false;
        queue(); // still wanted, so that nobody else queues it
        return;
      }
    } while (!wanted.compareAndSet(seen, 0));
  }
}
