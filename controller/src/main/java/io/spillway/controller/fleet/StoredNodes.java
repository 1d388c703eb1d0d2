package io.spillway.controller.fleet;

import io.spillway.store.StoreException;
import io.spillway.store.fleet.NodeBook;
import io.spillway.store.fleet.NodeRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps changes of health in the store: only changes, leases never. */
public final class StoredNodes implements FleetService.NodeHistory {
  private static final Logger LOG = LoggerFactory.getLogger(StoredNodes.class);

  private final NodeBook nodes;

  /** Writes to {@code nodes}. */
  public StoredNodes(NodeBook nodes) {
    this.nodes = nodes;
  }

  @Override
  public void changed(HealthChange change) {
    try {
      boolean _ =
          nodes.put(
              new NodeRecord(
                  change.nodeId(),
                  "spillway",
                  change.region(),
                  change.version(),
                  0,
                  change.now().name(),
                  change.reason()));
    } catch (StoreException away) {
      LOG.atWarn()
          .addKeyValue("node", change.nodeId())
          .setCause(away)
          .log("a change of a node's health is only in the log");
    }
  }

  @Override
  public boolean reachable() {
    try {
      var _ = nodes.find("-");
      return true;
    } catch (StoreException away) {
      LOG.atDebug().setCause(away).log("the store does not answer");
      return false;
    }
  }
}
