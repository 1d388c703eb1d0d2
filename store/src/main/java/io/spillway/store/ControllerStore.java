package io.spillway.store;

import io.spillway.store.fleet.LeaseBook;
import io.spillway.store.fleet.NodeBook;
import io.spillway.store.keys.StartKeys;
import io.spillway.store.outbox.Outbox;

/** All that controllers keep, in one database: egresses, and beside them what is asked for here. */
public interface ControllerStore extends EgressStore {
  /** Whether other controllers may have it open too: then duties need leases. */
  boolean isShared();

  /** What was last judged of each node. */
  NodeBook nodes();

  /** Which controller has which duty. */
  LeaseBook leases();

  /** Events that somebody has yet to hear of, and those that they have heard. */
  Outbox outbox();

  /** Starts that may be asked for twice. */
  StartKeys startKeys();
}
