package io.spillway.rpc.client;

import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.Response;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcMetrics.CallEnd;
import io.spillway.rpc.pending.DueTimer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A multi request under way: one answer per server, as many as fit, until the time is up. */
final class MultiCall implements PendingCall {
  private final ClientSession session;
  private final long untilNanos;
  private final int mostAnswers;
  private final DueTimer due;
  private final RpcMetrics metrics;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Map<String, Response> byServer = new LinkedHashMap<>();
  private @Nullable RpcException cut;

  MultiCall(
      ClientSession session, long untilNanos, int mostAnswers, DueTimer due, RpcMetrics metrics) {
    this.session = session;
    this.untilNanos = untilNanos;
    this.mostAnswers = mostAnswers;
    this.due = due;
    this.metrics = metrics;
  }

  @Override
  public ClientSession session() {
    return session;
  }

  @Override
  public void claimed(ClaimRequest claim) {
    metrics.dropped(DropReason.UNKNOWN); // nothing to claim here
  }

  @Override
  public synchronized void answered(Response response) {
    if (byServer.containsKey(response.getServerId())) {
      metrics.dropped(DropReason.REPEATED);
    } else if (byServer.size() == mostAnswers) {
      metrics.dropped(DropReason.OVERFLOW);
    } else {
      byServer.put(response.getServerId(), response);
    }
  }

  @Override
  public long sweep(long nowNanos) {
    if (nowNanos < untilNanos) {
      return untilNanos;
    }
    ended.countDown();
    return DueTimer.NEVER;
  }

  /** Part of the answers must not pass for all of them: the call fails. */
  @Override
  public void cut(RpcCode code, String text) {
    synchronized (this) {
      if (ended.getCount() > 0) {
        cut = RpcException.unanswered(code, text + ": " + byServer.size() + " answers until then");
      }
    }
    ended.countDown();
  }

  /**
   * The answers, when the time is up or the caller was interrupted.
   *
   * @throws RpcException when the call was cut before
   */
  List<Response> await() {
    try {
      long patience = untilNanos - due.nowNanos() + TimeUnit.MILLISECONDS.toNanos(20);
      while (!ended.await(Math.max(patience, 1), TimeUnit.NANOSECONDS)) {
        long next = sweep(due.nowNanos());
        patience = Math.min(next, TimeUnit.MILLISECONDS.toNanos(20));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      if (cut != null) {
        metrics.ended(CallEnd.CUT);
        throw cut;
      }
      return List.copyOf(byServer.values());
    }
  }
}
