package io.spillway.controller.alert;

import java.util.List;

/** Shows the nodes as they are judged now. Thread-safe; must not block. */
@FunctionalInterface
public interface FleetView {
  /** Every node that is known, by id. */
  List<NodeState> nodes();

  /** Knows no node. */
  static FleetView none() {
    return List::of;
  }
}
