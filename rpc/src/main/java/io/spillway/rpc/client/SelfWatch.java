package io.spillway.rpc.client;

import io.spillway.core.bounded.Backoff;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Counts calls in a row that nobody answered, claimed or not, and says when the client should no
 * longer believe in itself: after so many, but at most once per back-off. Thread-safe.
 *
 * <p>Only a call begun after the last answer proves anything: the client was heard, and heard,
 * after the others began. Without that, calls of a trouble that is over would have a client that
 * works again rebuilt when their time runs out, and the calls that it is just making cut.
 */
final class SelfWatch {
  private final int limit;
  private final Backoff backoff;
  private final RandomGenerator random;
  private final AtomicInteger unanswered = new AtomicInteger();
  private final AtomicInteger rebuilds = new AtomicInteger();
  private final AtomicLong notBeforeNanos;
  private volatile long answeredAtNanos;

  /**
   * A watch of a client that begins now.
   *
   * @param random for the back-off; for this watch alone
   */
  SelfWatch(int limit, Backoff backoff, RandomGenerator random, long nowNanos) {
    this.limit = limit;
    this.backoff = backoff;
    this.random = random;
    this.notBeforeNanos = new AtomicLong(nowNanos);
    this.answeredAtNanos = nowNanos;
  }

  /** A server answered. */
  void answered(long nowNanos) {
    answeredAtNanos = nowNanos;
    if (unanswered.get() != 0) { // read first: this runs for every good call
      unanswered.set(0);
    }
    if (rebuilds.get() != 0) {
      rebuilds.set(0);
    }
  }

  /** Nobody did. True for the one caller that now has to rebuild. */
  boolean unanswered(long begunAtNanos, long nowNanos) {
    if (begunAtNanos - answeredAtNanos < 0) {
      return false;
    }
    if (unanswered.incrementAndGet() < limit) {
      return false;
    }
    long notBefore = notBeforeNanos.get();
    if (nowNanos < notBefore) {
      return false;
    }
    long wait;
    synchronized (random) { // once per rebuild at most
      wait = backoff.after(rebuilds.get() + 1, random).toNanos();
    }
    if (!notBeforeNanos.compareAndSet(notBefore, nowNanos + wait)) {
      return false;
    }
    rebuilds.incrementAndGet();
    unanswered.set(0);
    return true;
  }
}
