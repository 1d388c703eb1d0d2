package io.spillway.node;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.core.time.Deadline;
import io.spillway.node.recorder.DiskThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's threads for files: real ones, because a write to a hung disk holds its thread, and held
 * virtual threads would stop the node's RPC half. Two pools of {@link #THREADS}: eight files that
 * are rewritten, synced or salvaged hold up others' ends, never their frames. What waits is bounded
 * by the recordings admitted: each has at most one turn and one sync, each egress that is taken up
 * one task.
 */
final class DiskPools {
  /** Threads of each pool; they go after ten idle seconds. */
  static final int THREADS = 8;

  private static final Logger LOG = LoggerFactory.getLogger(DiskPools.class);

  private final ThreadPoolExecutor quick = pool("spillway-disk-");
  private final ThreadPoolExecutor longWork = pool("spillway-disk-long-");

  private static ThreadPoolExecutor pool(String name) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name(name, 0).daemon(true).factory());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  DiskThreads threads() {
    return new DiskThreads(quick, longWork);
  }

  /** Exports how much is under way and waits in each pool. Once per registry. */
  void registerOn(PrometheusRegistry registry) {
    GaugeWithCallback.builder()
        .name("spillway_disk_threads_busy")
        .help("Threads for files that are at work, of " + THREADS + " in each pool")
        .labelNames("pool")
        .callback(sample -> {
          sample.call(quick.getActiveCount(), "quick");
          sample.call(longWork.getActiveCount(), "long");
        })
        .register(registry);
    GaugeWithCallback.builder()
        .name("spillway_disk_tasks_waiting")
        .help("Tasks that wait for a thread for files; not for long on a disk that keeps up")
        .labelNames("pool")
        .callback(sample -> {
          sample.call(quick.getQueue().size(), "quick");
          sample.call(longWork.getQueue().size(), "long");
        })
        .register(registry);
  }

  /** A file that is being closed gets the time for it: its status must reach the journal. */
  void close(Deadline deadline) {
    // in this order: what runs on the quick ones may end on the others
    for (ThreadPoolExecutor threads : List.of(quick, longWork)) {
      threads.shutdown();
      await(threads, Duration.ofNanos(Math.max(0, deadline.remainingNanos())));
    }
  }

  private static void await(ThreadPoolExecutor threads, Duration most) {
    try {
      if (!threads.awaitTermination(most.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.atWarn().log("a file is still being written or closed, the next start finishes it");
        threads.shutdownNow();
      }
    } catch (InterruptedException hurried) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
