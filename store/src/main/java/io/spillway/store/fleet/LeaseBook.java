package io.spillway.store.fleet;

import java.util.List;
import java.util.Optional;

/**
 * The leases as rows, changed only by whoever has seen their present state. Holds no clock: see
 * {@link LeaseClaim} for when a lease may be taken. Thread-safe; every method blocks.
 */
public interface LeaseBook {
  /** The lease of this name, if it was ever held. */
  Optional<Lease> find(String name);

  /** The leases whose names begin so, by name. */
  List<Lease> named(String prefix);

  /**
   * Makes {@code holder} the holder under the next epoch, if the lease is still as it was seen.
   *
   * @param seen empty when it was never held
   * @return the lease as it is held now, empty when somebody else was faster
   */
  Optional<Lease> take(String name, String holder, Optional<Lease> seen);

  /** One beat more; false when this holder and epoch have lost the lease. */
  boolean renew(Lease mine);

  /** Gives it back, if it is still held under this epoch. */
  void release(Lease mine);
}
