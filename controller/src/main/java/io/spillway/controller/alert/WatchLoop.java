package io.spillway.controller.alert;

import io.spillway.core.bounded.Mailbox;
import io.spillway.core.bounded.Mailbox.Overflow;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a second and hands on what has changed, on one thread of its own that {@link #close}
 * ends. A look that takes longer than a second delays the next one; they never pile up.
 */
public final class WatchLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WatchLoop.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final EgressWatch watch;
  private final List<Consumer<List<EgressInfo>>> hearers;
  private final TimeSource time;
  private final Mailbox<Boolean> end = Mailbox.bounded(1, Overflow.DROP_NEWEST);
  private final Thread thread;

  /**
   * Does nothing before {@link #start}. The hearers are called in this order, and must not wait.
   */
  public WatchLoop(EgressWatch watch, List<Consumer<List<EgressInfo>>> hearers, TimeSource time) {
    this.watch = watch;
    this.hearers = List.copyOf(hearers);
    this.time = time;
    this.thread = Thread.ofVirtual().name("egress-watch").unstarted(this::run);
  }

  /** Begins to look; once. */
  public void start() {
    thread.start();
  }

  private void run() {
    try {
      do {
        step();
      } while (end.take(Deadline.in(time, EVERY)).isEmpty());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void step() {
    try {
      List<EgressInfo> changed = watch.look();
      hearers.forEach(hearer -> hearer.accept(changed));
    } catch (RuntimeException defect) {
      // One bad look must not end all alerts.
      LOG.atError().setCause(defect).log("defect while watching egresses");
    }
  }

  /** Ends it; waits for a look under way. */
  @Override
  public void close() {
    var _ = end.offer(true);
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WAIT)) {
        LOG.atWarn().log("a look at the egresses didn't end");
        thread.interrupt();
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }
}
