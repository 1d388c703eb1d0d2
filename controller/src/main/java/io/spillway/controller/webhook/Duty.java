package io.spillway.controller.webhook;

import io.spillway.core.time.TimeSource;
import io.spillway.store.ControllerStore;
import io.spillway.store.StoreException;
import io.spillway.store.fleet.LeaseClaim;
import java.time.Duration;

/** Whether it is this controller that delivers. */
interface Duty {
  /** How often {@link #check} has to be called for the duty to be kept. */
  Duration CHECK_EVERY = Duration.ofSeconds(2);

  /**
   * Whether it is ours now; may ask the store.
   *
   * @throws StoreException when the store does not answer
   */
  boolean check();

  /** Leaves it to others. */
  void release();

  /** The duty over this store: ours alone unless the store is shared. */
  static Duty over(ControllerStore store, String controllerId, TimeSource time) {
    if (!store.isShared()) {
      return new Duty() {
        @Override
        public boolean check() {
          return true;
        }

        @Override
        public void release() {}
      };
    }
    LeaseClaim claim =
        new LeaseClaim(store.leases(), "webhooks", controllerId, CHECK_EVERY.multipliedBy(3), time);
    return new Leased(claim, time);
  }

  /** Renewed no more often than needed, though it is asked for before each round. */
  final class Leased implements Duty {
    private final LeaseClaim claim;
    private final TimeSource time;
    private long nextNanos;

    Leased(LeaseClaim claim, TimeSource time) {
      this.claim = claim;
      this.time = time;
      this.nextNanos = time.nanos();
    }

    @Override
    public boolean check() {
      if (time.nanos() - nextNanos >= 0) {
        nextNanos = time.nanos() + CHECK_EVERY.toNanos();
        return claim.step();
      }
      return claim.isHeld();
    }

    @Override
    public void release() {
      claim.release();
    }
  }
}
