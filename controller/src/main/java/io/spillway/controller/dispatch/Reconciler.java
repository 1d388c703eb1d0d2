package io.spillway.controller.dispatch;

import io.spillway.controller.fleet.FleetBook;
import io.spillway.core.fleet.CanaryPlan;
import io.spillway.core.fleet.GoEgress;
import io.spillway.core.fleet.GoNodeId;
import io.spillway.core.fleet.LostEgress;
import io.spillway.core.fleet.LostEgress.Holder;
import io.spillway.core.fleet.LostEgress.OnNodeLoss;
import io.spillway.core.fleet.LostEgress.Row;
import io.spillway.core.fleet.LostEgress.Rules;
import io.spillway.core.fleet.LostEgress.Verdict;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.StoredEgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Compares the stored egresses with what the leases say, all the time, and finds those that lost
 * their recorder. Decides only; {@link Mover} and the simulation carry it out. One controller acts
 * for each egress (the first by rendezvous hash of those that hear its node); should two act all
 * the same, the store lets one of them move the epoch.
 *
 * <p>A controller that is blind finds nothing. After its blindness the moves come a few at a time,
 * so that an error of judgement touches few egresses before it is noticed.
 */
public final class Reconciler {
  /** Egresses that are moved or ended per sweep at most: one sweep a second. */
  public static final int MOST_PER_SWEEP = 50;

  private final FleetBook book;
  private final TimeSource time;
  private final OnNodeLoss onNodeLoss;
  private final Rules rules;
  private final Placements placing;
  private final Function<StoredEgress, Optional<GoEgress.Sight>> leaseless;

  /** Since when each row is as it is: by our own clock, which no other machine sets. */
  private final Map<String, Sight> sights = new HashMap<>();

  private record Sight(int epoch, long sequence, String node, long sinceNanos) {
    boolean isOf(StoredEgress egress) {
      return epoch == egress.epoch() && sequence == egress.sequence() && node.equals(egress.node());
    }
  }

  /** A stored egress without a recorder, and what becomes of it. */
  public record Move(StoredEgress egress, Verdict verdict, String reason) {}

  /**
   * Judges with what {@code book} knows.
   *
   * @param placing what this controller looks for a node for: left alone
   * @param leaseless what is known of an egress's recorder that has no lease; empty: nothing, or it
   *     has one
   */
  public Reconciler(
      FleetBook book,
      TimeSource time,
      OnNodeLoss onNodeLoss,
      Rules rules,
      Placements placing,
      Function<StoredEgress, Optional<GoEgress.Sight>> leaseless) {
    this.leaseless = leaseless;
    this.book = book;
    this.time = time;
    this.onNodeLoss = onNodeLoss;
    this.rules = rules;
    this.placing = placing;
  }

  /**
   * What has to be done about {@code unfinished}, every egress in the store without a final status.
   * Recorders of an epoch that is over are fenced on the way, by the answers to their leases. One
   * sweep at a time.
   */
  public List<Move> sweep(List<StoredEgress> unfinished) {
    List<Move> moves = new ArrayList<>();
    look(unfinished);
    if (book.isBlind()) {
      return moves;
    }
    Set<String> controllers = new HashSet<>(book.controllers());
    for (StoredEgress egress : unfinished) {
      String id = egress.info().getEgressId();
      if (egress.epoch() > 1) {
        book.fence(id, egress.epoch(), "another recorder has it under a later epoch");
      }
      Optional<GoEgress.Sight> sight = egress.sequence() > 0 ? goSight(egress) : Optional.empty();
      boolean mine =
          egress.dispatcher().equals(book.controllerId())
              || sight.map(GoEgress.Sight::stuck).orElse(false) // only its own controller saw that
              || leads(egress);
      if (mine && moves.size() < MOST_PER_SWEEP && !placing.contains(id)) {
        Verdict verdict =
            sight.map(seen -> judge(egress, seen)).orElseGet(() -> judge(egress, controllers));
        if (verdict != Verdict.KEEP) {
          if (egress.sequence() == 0) {
            book.startVanished(id);
          }
          moves.add(new Move(egress, verdict, reason(egress)));
        }
      }
    }
    return moves;
  }

  private boolean leads(StoredEgress egress) {
    Set<String> judges = book.judgesOf(egress.node());
    return judges.contains(book.controllerId())
        && CanaryPlan.leads(book.controllerId(), egress.info().getEgressId(), judges);
  }

  private void look(List<StoredEgress> unfinished) {
    long now = time.nanos();
    Set<String> there = new HashSet<>();
    for (StoredEgress egress : unfinished) {
      String id = egress.info().getEgressId();
      there.add(id);
      Sight before = sights.get(id);
      if (before == null || !before.isOf(egress)) {
        sights.put(id, new Sight(egress.epoch(), egress.sequence(), egress.node(), now));
      }
    }
    sights.keySet().retainAll(there);
  }

  private long unchangedNanos(StoredEgress egress) {
    Sight sight = sights.get(egress.info().getEgressId());
    return sight == null ? 0 : time.nanos() - sight.sinceNanos();
  }

  /** Of an egress whose node has a lease, that alone counts. */
  private Optional<GoEgress.Sight> goSight(StoredEgress egress) {
    return book.isAlive(egress.node()) ? Optional.empty() : leaseless.apply(egress);
  }

  private Verdict judge(StoredEgress egress, GoEgress.Sight sight) {
    EgressStatus status = egress.info().getStatus();
    Row row =
        new Row(
            true,
            false,
            Duration.ofNanos(unchangedNanos(egress)),
            status == EgressStatus.EGRESS_ENDING,
            !egress.sealedRequest().isEmpty());
    return GoEgress.judge(row, status == EgressStatus.EGRESS_STARTING, sight, onNodeLoss);
  }

  private Verdict judge(StoredEgress egress, Set<String> controllers) {
    long unchanged = unchangedNanos(egress);
    boolean begun = egress.sequence() > 0;
    if (begun && (egress.node().isEmpty() || GoNodeId.isOne(egress.node()))) {
      return Verdict.KEEP; // a livekit/egress node's, of which nothing is known here
    }
    // Not placing it any more means that a node said yes: then its report must come.
    String placer = egress.dispatcher();
    boolean placerGone = placer.equals(book.controllerId()) || !controllers.contains(placer);
    Row row =
        new Row(
            begun,
            !begun && placerGone,
            Duration.ofNanos(unchanged),
            egress.info().getStatus() == EgressStatus.EGRESS_ENDING,
            !egress.sealedRequest().isEmpty());
    Holder holder =
        book.holder(egress.node(), egress.info().getEgressId(), egress.epoch(), unchanged);
    return LostEgress.judge(row, holder, onNodeLoss, rules);
  }

  private static String reason(StoredEgress egress) {
    return egress.sequence() == 0
        ? "no node has reported it, and nobody looks for a node any more"
        : "node " + egress.node() + " is lost";
  }
}
