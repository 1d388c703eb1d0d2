package io.spillway.node.fleet;

import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import java.util.List;

/** A controller that takes leases. Thread-safe. */
@FunctionalInterface
public interface LeaseTarget {
  /**
   * Delivers a lease; the controller's orders. Blocks, for some seconds at most.
   *
   * @throws LeaseException when the controller did not take it
   */
  List<LeaseOrder> renew(Lease lease) throws InterruptedException;

  /** A lease that a controller did not take. */
  final class LeaseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Says who was told, and why not. */
    public LeaseException(String message) {
      super(message);
    }

    /** As above, with what caused it. */
    public LeaseException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
