package io.spillway.store.fleet;

import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.Optional;

/**
 * A controller's claim to one duty: takes the lease when it is free or its holder has been silent
 * for a term, and renews it. Call {@link #step} about three times a term.
 *
 * <p>Clocks of two machines are never compared. A watcher counts the silence from the moment in
 * which it first saw the present beats, on its own monotonic clock; a holder counts itself out two
 * thirds of a term after it *began* its last good renewal. So a holder always stops before anyone
 * takes over, unless clocks run at rates that differ by a third.
 *
 * <p>{@link #step} and {@link #release} belong to one thread; {@link #isHeld} may be asked by any.
 */
public final class LeaseClaim {
  private final LeaseBook book;
  private final String name;
  private final String holder;
  private final Duration term;
  private final TimeSource time;
  private Optional<Lease> mine = Optional.empty();
  private Optional<Lease> seen = Optional.empty();
  private long seenSinceNanos;
  private volatile boolean held;
  private volatile long heldUntilNanos;

  /**
   * Claims nothing before the first step.
   *
   * @param holder unique for this process's life
   * @param term of silence after which a lease changes hands
   */
  public LeaseClaim(LeaseBook book, String name, String holder, Duration term, TimeSource time) {
    this.book = book;
    this.name = name;
    this.holder = holder;
    this.term = term;
    this.time = time;
  }

  /**
   * Renews or tries to take it, in one or two calls of the store.
   *
   * @return whether it is held now
   * @throws io.spillway.store.StoreException when the store does not answer; what was held stays so
   *     until its time is over
   */
  public boolean step() {
    long began = time.nanos();
    if (mine.isPresent()) {
      if (book.renew(mine.get())) {
        hold(began);
        return true;
      }
      held = false;
      mine = Optional.empty();
    }
    Optional<Lease> now = book.find(name);
    if (mayTake(now)) {
      mine = book.take(name, holder, now);
      if (mine.isPresent()) {
        hold(began);
        return true;
      }
    }
    return false;
  }

  private boolean mayTake(Optional<Lease> now) {
    if (now.isEmpty() || now.get().isFree()) {
      return true;
    }
    if (!seen.equals(now)) {
      seen = now;
      seenSinceNanos = time.nanos();
    }
    return time.nanos() - seenSinceNanos >= term.toNanos();
  }

  private void hold(long began) {
    heldUntilNanos = began + term.toNanos() * 2 / 3;
    held = true;
  }

  /** Whether the duty is ours at this moment. */
  public boolean isHeld() {
    return held && time.nanos() - heldUntilNanos < 0;
  }

  /** The epoch under which it is or was last held; 0 when it never was. */
  public long epoch() {
    return mine.map(Lease::epoch).orElse(0L);
  }

  /** Gives it back, so that the next one needn't wait. */
  public void release() {
    held = false;
    mine.ifPresent(book::release);
    mine = Optional.empty();
  }
}
