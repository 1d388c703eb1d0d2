package io.spillway.core.time;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The machine's clocks, with one daemon thread for timers. Close it last: timers that are left then
 * never run.
 */
public final class SystemTime implements TimeSource, AutoCloseable {
  private static final Logger LOG = System.getLogger(SystemTime.class.getName());
  private final ScheduledThreadPoolExecutor timers;

  /** Starts the timer thread. */
  public SystemTime() {
    timers =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("spillway-timers").daemon(true).unstarted(task));
    timers.setRemoveOnCancelPolicy(true);
    timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public long unixNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    var pending = timers.schedule(() -> runLogged(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    return () -> pending.cancel(false);
  }

  private static void runLogged(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error failure) {
      LOG.log(Level.ERROR, "a timer's task failed and is dropped", failure);
    }
  }

  @Override
  public void close() {
    timers.shutdownNow();
  }
}
