package io.spillway.simulation;

import com.google.protobuf.ByteString;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.store.Applied;
import io.spillway.store.DuplicateEgressException;
import io.spillway.store.EgressStore;
import io.spillway.store.HistoryPage;
import io.spillway.store.HistoryQuery;
import io.spillway.store.ListQuery;
import io.spillway.store.NewEgress;
import io.spillway.store.Page;
import io.spillway.store.StatusOrder;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import io.spillway.store.TimelineEntry;
import io.spillway.store.UnknownEgressException;
import io.spillway.store.fleet.DispatchClaim;
import io.spillway.store.outbox.EventKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * The store's contract in memory, judged by the real {@link StatusOrder} and {@link EventKind}; a
 * mutant of it leaves a rule out. Each controller sees it through a {@link #view} that fails while
 * that controller can't reach it. Only what the controllers' decisions need is here.
 */
final class SimulatedStore {
  private final SimulationClock clock;
  private final Mutant mutant;
  private final Invariants invariants;
  private final Map<String, Egress> egresses;
  private final Map<String, StoredEgress> rows = new HashMap<>();
  private final Map<String, StoredEgress> unfinished = new LinkedHashMap<>();
  private final Map<String, Integer> events = new HashMap<>();
  private final Deque<String> ends = new ArrayDeque<>();

  SimulatedStore(
      SimulationClock clock, Mutant mutant, Invariants invariants, Map<String, Egress> egresses) {
    this.clock = clock;
    this.mutant = mutant;
    this.invariants = invariants;
    this.egresses = egresses;
  }

  Optional<StoredEgress> row(String id) {
    return Optional.ofNullable(rows.get(id));
  }

  int unfinishedCount() {
    return unfinished.size();
  }

  /** Ends that wait for their webhook, in order; part of each row's transaction. */
  Deque<String> ends() {
    return ends;
  }

  /**
   * The store as one controller has it.
   *
   * @param lostEnds where the mutant puts webhooks: the controller's own memory
   */
  EgressStore view(BooleanSupplier reachable, Deque<String> lostEnds) {
    return new View(reachable, mutant == Mutant.LOST_OUTBOX ? lostEnds : ends);
  }

  private void put(StoredEgress row) {
    String id = row.info().getEgressId();
    rows.put(id, row);
    if (StatusOrder.isFinal(row.info().getStatus())) {
      unfinished.remove(id);
    } else {
      unfinished.put(id, row);
    }
  }

  private static int rank(StoredEgress row) {
    return StatusOrder.isFinal(row.info().getStatus()) ? 3 : row.info().getStatusValue();
  }

  private Applied judge(StoredEgress row, StatusUpdate update) {
    Applied verdict =
        StatusOrder.judge(row.info().getStatus(), row.epoch(), row.sequence(), update);
    boolean again = verdict == Applied.OLD_SEQUENCE || verdict == Applied.ALREADY_FINAL;
    boolean sameEpoch = update.epoch() >= row.epoch();
    if (mutant == Mutant.NO_DEDUP && again && sameEpoch) {
      return Applied.ACCEPTED;
    }
    return mutant == Mutant.BACKWARD_STATUS && sameEpoch && verdict != Applied.ALREADY_FINAL
        ? Applied.ACCEPTED
        : verdict;
  }

  private Applied apply(StatusUpdate update, Deque<String> outbox) {
    String id = update.info().getEgressId();
    StoredEgress row = rows.get(id);
    if (row == null) {
      return Applied.UNKNOWN_EGRESS;
    }
    if (StatusOrder.isTaken(row.node(), row.epoch(), row.sequence(), update)) {
      return Applied.OLD_EPOCH;
    }
    Applied verdict = judge(row, update);
    boolean successor = update.epoch() > row.epoch() || (row.epoch() > 1 && row.sequence() == 0);
    if (verdict == Applied.BACKWARD && successor) {
      put(changed(row, row.info(), update));
      return Applied.ACCEPTED;
    }
    if (verdict != Applied.ACCEPTED) {
      return verdict;
    }
    StoredEgress after = changed(row, update.info(), update);
    put(after);
    List<EventKind> kinds = EventKind.of(events.getOrDefault(id, 0), update.info().getStatus());
    events.merge(id, kinds.size(), Integer::sum);
    boolean newEnd = kinds.contains(EventKind.ENDED);
    if (newEnd) {
      outbox.add(id);
    }
    invariants.stored(egress(id), update.epoch(), rank(row), rank(after), newEnd);
    return Applied.ACCEPTED;
  }

  private Egress egress(String id) {
    Egress egress = egresses.get(id);
    if (egress == null) {
      throw new IllegalStateException("nobody asked for " + id);
    }
    return egress;
  }

  private StoredEgress changed(StoredEgress row, EgressInfo info, StatusUpdate update) {
    return new StoredEgress(
        info,
        update.epoch(),
        update.sequence(),
        update.node(),
        update.region(),
        row.createdAtNanos(),
        clock.unixNanos(),
        "",
        StatusOrder.isFinal(info.getStatus()) ? ByteString.EMPTY : row.sealedRequest());
  }

  private Optional<Integer> fence(String id, int epoch, String dispatcher, boolean onlyUntaken) {
    StoredEgress row = rows.get(id);
    if (row == null
        || row.epoch() != epoch
        || StatusOrder.isFinal(row.info().getStatus())
        || (onlyUntaken && row.sequence() > 0)) {
      return Optional.empty();
    }
    int next = mutant == Mutant.NO_FENCE ? epoch : epoch + 1;
    egress(id).newestEpoch = next;
    put(
        new StoredEgress(
            row.info(),
            next,
            0,
            "",
            row.region(),
            row.createdAtNanos(),
            clock.unixNanos(),
            dispatcher,
            row.sealedRequest()));
    return Optional.of(next);
  }

  private Optional<Integer> handTo(StoredEgress seen, int above, String node, String region) {
    String id = seen.info().getEgressId();
    StoredEgress row = rows.get(id);
    if (row == null
        || row.epoch() != seen.epoch()
        || StatusOrder.isFinal(row.info().getStatus())
        || !row.node().equals(seen.node())
        || !row.dispatcher().equals(seen.dispatcher())) {
      return Optional.empty();
    }
    int epoch = Math.max(seen.epoch(), above) + 1;
    invariants.handed(egress(id), row.node(), node);
    egress(id).newestEpoch = epoch;
    put(
        new StoredEgress(
            row.info(),
            epoch,
            1,
            node,
            region.isEmpty() ? row.region() : region,
            row.createdAtNanos(),
            clock.unixNanos(),
            "",
            row.sealedRequest()));
    return Optional.of(epoch);
  }

  private final class View implements EgressStore {
    private final BooleanSupplier reachable;
    private final Deque<String> outbox;

    View(BooleanSupplier reachable, Deque<String> outbox) {
      this.reachable = reachable;
      this.outbox = outbox;
    }

    private <T> T reach(Function<SimulatedStore, T> work) {
      if (!reachable.getAsBoolean()) {
        throw new StoreException("the store is away");
      }
      return work.apply(SimulatedStore.this);
    }

    @Override
    public void create(NewEgress egress) {
      String id = egress.info().getEgressId();
      StoredEgress row =
          new StoredEgress(
              egress.info(),
              1,
              0,
              "",
              "",
              clock.unixNanos(),
              clock.unixNanos(),
              egress.dispatcher(),
              egress.sealedRequest());
      boolean isNew = reach(store -> !store.rows.containsKey(id));
      if (!isNew) {
        throw new DuplicateEgressException(id);
      }
      put(row);
    }

    @Override
    public Applied apply(StatusUpdate update) {
      return reach(store -> store.apply(update, outbox));
    }

    @Override
    public int fence(String egressId, String reason) {
      int epoch =
          find(egressId)
              .map(StoredEgress::epoch)
              .orElseThrow(() -> new UnknownEgressException(egressId, "fence"));
      return fenceFrom(egressId, epoch, "", reason).orElse(epoch);
    }

    @Override
    public Optional<Integer> fenceFrom(
        String egressId, int epoch, String dispatcher, String reason) {
      return reach(store -> store.fence(egressId, epoch, dispatcher, false));
    }

    @Override
    public Optional<Integer> fenceUntaken(
        String egressId, int epoch, String dispatcher, String reason) {
      return reach(store -> store.fence(egressId, epoch, dispatcher, true));
    }

    @Override
    public Optional<Integer> handTo(
        StoredEgress seen, int above, String node, String region, String reason) {
      return reach(store -> store.handTo(seen, above, node, region));
    }

    @Override
    public Optional<StoredEgress> find(String egressId) {
      return reach(store -> store.row(egressId));
    }

    @Override
    public List<StoredEgress> unfinished() {
      return reach(store -> new ArrayList<>(store.unfinished.values()));
    }

    @Override
    public List<DispatchClaim> dispatchClaims() {
      throw unused();
    }

    @Override
    public Optional<DispatchClaim> takeOver(DispatchClaim seen, String dispatcher) {
      throw unused();
    }

    @Override
    public int forgetEnded(long beforeUnixNanos, int most) {
      throw unused();
    }

    @Override
    public Page list(ListQuery query) {
      throw unused();
    }

    @Override
    public HistoryPage search(HistoryQuery query) {
      throw unused();
    }

    @Override
    public List<TimelineEntry> timeline(String egressId) {
      throw unused();
    }

    @Override
    public Map<Applied, Long> counts() {
      throw unused();
    }

    @Override
    public void close() {}

    private static UnsupportedOperationException unused() {
      return new UnsupportedOperationException("no decision of a controller reads this");
    }
  }
}
