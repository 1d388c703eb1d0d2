package io.spillway.store.fleet;

import io.spillway.store.StoreException;
import java.util.List;
import java.util.Optional;

/**
 * What was last judged of each node, and each change of it. Thread-safe; every method blocks, and
 * throws {@link StoreException} when the database can't be reached.
 */
public interface NodeBook {
  /**
   * Keeps a judgement; the last one counts. A change of state or reason becomes a step of the
   * node's history.
   *
   * @return whether state or reason changed (also for a node that is new)
   */
  boolean put(NodeRecord node);

  /** The node of this id. */
  Optional<NodeRecord> find(String nodeId);

  /** All nodes that are known, by id. */
  List<NodeRecord> all();

  /** The last {@code most} changes of a node, the newest first. */
  List<NodeStep> history(String nodeId, int most);

  /**
   * Removes nodes in this state whose last change is older than {@code beforeUnixNanos}, and steps
   * as old of the others; how many nodes it were.
   */
  int forget(String state, long beforeUnixNanos);
}
