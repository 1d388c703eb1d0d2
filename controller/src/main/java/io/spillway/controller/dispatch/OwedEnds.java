package io.spillway.controller.dispatch;

import io.spillway.store.Applied;
import io.spillway.store.EgressStore;
import io.spillway.store.StatusUpdate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Ends of starts that failed while the store was away: their callers know, the store doesn't yet.
 * Until it does nobody may take such an egress for one that lost its node, and start it after all.
 * Thread-safe; what is here is lost with the process, and then another controller goes on with it.
 */
public final class OwedEnds {
  /** Beyond this the oldest is left to whoever finds its row. */
  static final int MOST = 10_000;

  private final SequencedMap<String, StatusUpdate> owed = new LinkedHashMap<>();

  /** Keeps an end until the store takes it. */
  public synchronized void add(StatusUpdate end) {
    owed.put(end.info().getEgressId(), end);
    if (owed.size() > MOST) {
      var _ = owed.pollFirstEntry();
    }
  }

  /** Whether an egress's end waits here. */
  public synchronized boolean contains(String egressId) {
    return owed.containsKey(egressId);
  }

  /**
   * Gives the store what it is owed.
   *
   * @throws io.spillway.store.StoreException when it is still away; nothing is forgotten then
   */
  public void pay(EgressStore store) {
    List<StatusUpdate> due;
    synchronized (this) {
      due = List.copyOf(owed.values());
    }
    for (StatusUpdate end : due) {
      Applied _ = store.apply(end);
      synchronized (this) {
        owed.remove(end.info().getEgressId());
      }
    }
  }
}
