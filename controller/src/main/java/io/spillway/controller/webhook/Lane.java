package io.spillway.controller.webhook;

import io.spillway.core.bounded.Backoff;
import io.spillway.store.outbox.Delivery;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * How one address gets on. While it takes what it is sent, several are under way to it; after some
 * failures in a row it is asked by one at a time, less and less often, so that a dead address costs
 * next to nothing. Not thread-safe: the courier's lock guards it.
 */
final class Lane {
  /** A receiver that is restarted fails a few; one that fails more is away. */
  static final int FAILURES_TO_DOUBT = 3;

  static final Backoff PROBES = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

  private final int limit;
  private final Backoff probes;
  private final Set<Delivery.Key> underWay = new HashSet<>();
  private int failures;
  private long probeAtNanos;

  /** At most {@code limit} at once; asked in these intervals while it is doubted. */
  Lane(int limit, Backoff probes) {
    this.limit = limit;
    this.probes = probes;
  }

  /** How many more may be sent now. */
  int room(long nowNanos) {
    if (!isDoubted()) {
      return limit - underWay.size();
    }
    return underWay.isEmpty() && nowNanos - probeAtNanos >= 0 ? 1 : 0;
  }

  boolean isDoubted() {
    return failures >= FAILURES_TO_DOUBT;
  }

  int underWay() {
    return underWay.size();
  }

  /** Takes one on its way; false when it is on its way already. */
  boolean begin(Delivery.Key key) {
    return underWay.add(key);
  }

  /** It was taken; whether the address had been doubted until now. */
  boolean taken(Delivery.Key key) {
    underWay.remove(key);
    boolean recovered = isDoubted();
    failures = 0;
    return recovered;
  }

  /** It was not taken. */
  void failed(Delivery.Key key, long nowNanos, RandomGenerator random) {
    underWay.remove(key);
    failures++;
    if (isDoubted()) {
      int probe = failures - FAILURES_TO_DOUBT + 1;
      probeAtNanos = nowNanos + probes.after(probe, random).toNanos();
    }
  }

  /** Nobody knows what became of it: it says nothing of the address. */
  void dropped(Delivery.Key key) {
    underWay.remove(key);
  }
}
