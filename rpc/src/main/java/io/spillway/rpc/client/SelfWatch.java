package io.spillway.rpc.client;

import io.spillway.core.bounded.Backoff;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Counts calls in a row that nobody answered, claimed or not, and says when the client should no
 * longer believe in itself: after so many, but at most once per back-off. Thread-safe.
 */
final class SelfWatch {
  private final int limit;
  private final Backoff backoff;
  private final RandomGenerator random;
  private final AtomicInteger unanswered = new AtomicInteger();
  private final AtomicInteger rebuilds = new AtomicInteger();
  private final AtomicLong notBeforeNanos = new AtomicLong();

  SelfWatch(int limit, Backoff backoff, RandomGenerator random) {
    this.limit = limit;
    this.backoff = backoff;
    this.random = random;
  }

  /** A server answered. */
  void answered() {
    if (unanswered.get() != 0) { // read first: this runs for every good call
      unanswered.set(0);
    }
    if (rebuilds.get() != 0) {
      rebuilds.set(0);
    }
  }

  /** Nobody did. True for the one caller that now has to rebuild. */
  boolean unanswered(long nowNanos) {
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
