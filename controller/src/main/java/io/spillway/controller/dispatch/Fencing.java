package io.spillway.controller.dispatch;

import io.spillway.controller.fleet.FleetBook;
import io.spillway.core.fleet.StartPlan;
import io.spillway.core.fleet.StartPlan.Event;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.store.EgressStore;
import io.spillway.store.StatusOrder;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes an epoch of one start away from a node that did not confirm it, unless that node has
 * reported it. Belongs to the start's thread.
 */
final class Fencing {
  private static final Logger LOG = LoggerFactory.getLogger(Fencing.class);

  private final FleetBook book;
  private final EgressStore store;
  private final TimeSource time;
  private final String egressId;
  private Optional<EgressInfo> stored = Optional.empty();

  /** Under which epoch another controller places it, and how long that is waited for. */
  private int othersEpoch;

  private Deadline othersTurn;

  Fencing(FleetBook book, EgressStore store, TimeSource time, String egressId) {
    this.book = book;
    this.store = store;
    this.time = time;
    this.egressId = egressId;
    this.othersTurn = Deadline.in(time, StartPlan.ACCEPT_WITHIN);
  }

  /** Tries once: Fenced, TakenAfterAll, or StoreAway, which asks for another try. */
  Event fence(int epoch, String reason) {
    try {
      Optional<Integer> fenced = store.fenceUntaken(egressId, epoch, book.controllerId(), reason);
      book.storeReachable(true);
      return fenced.isPresent() ? fencedTo(fenced.get()) : lookWhy(epoch, reason);
    } catch (StoreException away) {
      LOG.atWarn().setCause(away).log("an unconfirmed start could not be fenced");
      return new Event.StoreAway(String.valueOf(away.getMessage()));
    }
  }

  /** What the store has of the egress, after TakenAfterAll; empty: it is not there any more. */
  Optional<EgressInfo> stored() {
    return stored;
  }

  private Event fencedTo(int epoch) {
    book.fence(egressId, epoch, "its start was not confirmed in time");
    return new Event.Fenced(epoch);
  }

  /** Nothing was fenced: a node has it, or it ended, or another controller was faster. */
  private Event lookWhy(int epoch, String reason) {
    Optional<StoredEgress> row = store.find(egressId);
    boolean ended = row.isEmpty() || StatusOrder.isFinal(row.get().info().getStatus());
    boolean taken = row.isPresent() && row.get().sequence() > 0;
    stored = row.map(StoredEgress::info);
    if (ended || taken) {
      return new Event.TakenAfterAll();
    }
    int newest = row.get().epoch();
    if (newest > epoch && row.get().dispatcher().equals(book.controllerId())) {
      return new Event.Fenced(newest); // our own fence, whose answer was lost
    }
    return fenceOther(newest, reason);
  }

  /**
   * Another controller places it under that epoch: under the same one two would start it twice. Its
   * node has its time to confirm; then that epoch is fenced in its turn.
   */
  private Event fenceOther(int epoch, String reason) {
    if (othersEpoch != epoch) {
      othersEpoch = epoch;
      othersTurn = Deadline.in(time, StartPlan.ACCEPT_WITHIN);
    } else if (othersTurn.hasPassed()) {
      Optional<Integer> fenced = store.fenceUntaken(egressId, epoch, book.controllerId(), reason);
      if (fenced.isPresent()) {
        return fencedTo(fenced.get());
      }
    }
    return new Event.StoreAway("another controller looks for a node");
  }
}
