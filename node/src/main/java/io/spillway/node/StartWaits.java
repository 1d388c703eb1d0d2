package io.spillway.node;

import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.node.recorder.DiskThreads;
import io.spillway.node.recorder.EgressFailedException;
import io.spillway.node.recorder.TrackRecorder;
import io.spillway.node.report.StatusReporter;
import io.spillway.node.request.EgressTrace;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start waits for, each with its deadline: the spool that keeps it, and whoever keeps its
 * status. Thread-safe; called on threads that may wait.
 */
final class StartWaits {
  /** How long the spool may take to keep a start. */
  static final Duration SPOOL_WITHIN = Duration.ofSeconds(5);

  /** Longer than any start's budget: by then its caller was told that it failed. */
  private static final Duration TAKEN_WITHIN = Duration.ofSeconds(15);

  private static final Logger LOG = LoggerFactory.getLogger(StartWaits.class);

  private final Duration createdWithin;
  private final DiskThreads disk;
  private final TimeSource time;

  /** {@code createdWithin}: see {@link RpcConduct#createdWithin}. */
  StartWaits(Duration createdWithin, DiskThreads disk, TimeSource time) {
    this.createdWithin = createdWithin;
    this.disk = disk;
    this.time = time;
  }

  /**
   * Until the spool keeps the start, on a thread for files: a disk that hangs refuses this start,
   * and holds no thread of the RPC half.
   *
   * @throws EgressFailedException when it can't be kept
   */
  void forSpool(TrackRecorder recorder, EgressTrace trace) {
    FutureTask<Void> task = new FutureTask<>(recorder::begin, null);
    trace.on(disk.quick()).execute(task);
    try {
      task.get(SPOOL_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof EgressFailedException refused) {
        throw refused;
      }
      throw new RpcException(
          RpcCode.INTERNAL, "could not keep the start: " + failed.getCause(), failed);
    } catch (TimeoutException hangs) {
      task.cancel(false);
      throw new RpcException(RpcCode.UNAVAILABLE, "the node's disk does not answer", hangs);
    } catch (InterruptedException stopping) {
      throw shuttingDown(stopping);
    }
  }

  /**
   * Until the spool has forgotten a start that came to nothing: its id may be asked for at once.
   */
  void toTakeBack(TrackRecorder recorder, EgressTrace trace) {
    FutureTask<Void> task = new FutureTask<>(recorder::forsake, null);
    try {
      trace.on(disk.longWork()).execute(task);
      task.get(SPOOL_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException | RejectedExecutionException slow) {
      LOG.atWarn()
          .addKeyValue("egress", trace.egressId())
          .addKeyValue("error", String.valueOf(slow))
          .log("a refused start is still in the spool");
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  /** Until the keeper of statuses has taken the egress from this node: before it joins. */
  void forKeeper(StatusReporter.Delivery created) {
    try {
      awaitTaken(created, TAKEN_WITHIN);
      if (!created.isSettled()) {
        throw new RpcException(
            RpcCode.UNAVAILABLE,
            "nobody acknowledged the start in " + TAKEN_WITHIN.toSeconds() + " s: not joined");
      }
    } catch (InterruptedException stopping) {
      throw shuttingDown(stopping);
    }
  }

  /**
   * Likewise before the caller is answered, where that is asked for. The recording goes on
   * meanwhile; without an acknowledgement in time it goes on all the same.
   */
  void beforeAnswer(StatusReporter.Delivery created) {
    if (createdWithin.isZero()) {
      return;
    }
    try {
      awaitTaken(created, createdWithin);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  /** Throws the refusal if it is one. */
  private void awaitTaken(StatusReporter.Delivery created, Duration within)
      throws InterruptedException {
    Optional<RpcException> refusal = created.await(Deadline.in(time, within));
    if (refusal.isPresent()) {
      throw refusal.get();
    }
  }

  private static RpcException shuttingDown(InterruptedException stopping) {
    Thread.currentThread().interrupt();
    return new RpcException(RpcCode.UNAVAILABLE, "server is shutting down", stopping);
  }
}
