package io.spillway.controller.dispatch;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The egresses that this controller is looking for a node for at this moment: whoever finds one of
 * them without a node must leave it alone. Thread-safe.
 */
public final class Placements {
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();
  private final OwedEnds owed = new OwedEnds();

  /** Begins; false when it is being placed already. */
  public boolean begin(String egressId) {
    return underWay.add(egressId);
  }

  /** A node has it, or it was given up. */
  public void end(String egressId) {
    underWay.remove(egressId);
  }

  /** Whether it is being placed, or failed and the store doesn't know yet. */
  public boolean contains(String egressId) {
    return underWay.contains(egressId) || owed.contains(egressId);
  }

  /** Ends that the store could not be told. */
  public OwedEnds owed() {
    return owed;
  }
}
