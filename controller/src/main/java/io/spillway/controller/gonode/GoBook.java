package io.spillway.controller.gonode;

import io.spillway.controller.fleet.FleetService;
import io.spillway.core.fleet.Ejection;
import io.spillway.core.fleet.GoEgress.Listing;
import io.spillway.core.fleet.GoEgress.Sight;
import io.spillway.core.fleet.GoNodeHealth;
import io.spillway.core.fleet.GoNodeHealth.Claimed;
import io.spillway.core.fleet.GoNodeHealth.Outcome;
import io.spillway.core.fleet.GoNodeId;
import io.spillway.core.fleet.Health;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.fleet.GoNodeSight;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.StoredEgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The livekit/egress nodes as one controller knows them. A node is its psrpc server id: claims and
 * lists come under it. What became of a claim is read from the store, because reports go to any
 * controller. No thread, no socket, no timer; thread-safe, every method is short. (Long because all
 * of it is the one state that the one lock guards.)
 *
 * <p>A controller that is blind (see {@link io.spillway.controller.fleet.FleetBook#isBlind}) says
 * so with {@link #blind}: then nobody's silence counts.
 */
public final class GoBook implements FleetService.GoNews {
  private static final int MOST_NODES = 1000;
  private static final int MOST_CLAIMS = 10_000;

  /** Several polls: a node that is there has answered one of them. */
  private static final long THERE_NANOS = Duration.ofSeconds(10).toNanos();

  private static final long FORGET_NANOS = Duration.ofMinutes(10).toNanos();

  /** Controllers tell it every second. */
  private static final long TOLD_NANOS = Duration.ofSeconds(5).toNanos();

  private final GoNodes mode;
  private final TimeSource time;
  private final Map<String, GoNode> nodes = new LinkedHashMap<>();
  private final Map<Start, Claim> claims = new LinkedHashMap<>();

  /** Which node listed an egress last. */
  private final Map<String, String> listers = new HashMap<>();

  /** Starts that were neither confirmed nor brought to ACTIVE. */
  private final Set<Start> stuck = new HashSet<>();

  private boolean asked;
  private long seesSinceNanos;

  private record Start(String egressId, int epoch) {}

  private static final class Claim {
    final GoNode node;
    long sinceNanos;
    boolean unanswered;

    Claim(GoNode node, long sinceNanos) {
      this.node = node;
      this.sinceNanos = sinceNanos;
    }
  }

  /** A node's health has changed. */
  public record Change(GoNodeView node, Health before) {}

  /** An empty book. */
  public GoBook(GoNodes mode, TimeSource time) {
    this.mode = mode;
    this.time = time;
    this.seesSinceNanos = time.nanos();
  }

  /** What an operator said. */
  public GoNodes mode() {
    return mode;
  }

  /** Whether it is worth while to offer a start to such nodes. */
  public synchronized boolean mayBeThere() {
    long now = time.nanos();
    return switch (mode) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO ->
          !asked || nodes.values().stream().anyMatch(node -> now - node.heardNanos <= THERE_NANOS);
    };
  }

  /** Whether a node is there that is not among {@code tried} and could be chosen. */
  public synchronized boolean hasOthers(Set<String> tried) {
    long now = time.nanos();
    return nodes.values().stream()
        .anyMatch(node ->
            !tried.contains(node.serverId)
                && now - node.heardNanos <= THERE_NANOS
                && worth(node, 1, now) > 0);
  }

  /** What a node's claim is worth: less than any other's when it is suspect, 0: nothing. */
  public synchronized float worth(String serverId, float affinity) {
    long now = time.nanos();
    Optional<GoNode> known = heard(serverId, now);
    return known.map(node -> worth(node, affinity, now)).orElse(0f);
  }

  private static float worth(GoNode node, float affinity, long now) {
    return GoNodeHealth.worth(affinity, node.health, node.ejected, node.mayProveItself(now));
  }

  /** Its claim was chosen. */
  public synchronized void chosen(String serverId, String egressId, int epoch) {
    long now = time.nanos();
    heard(serverId, now)
        .ifPresent(node -> {
          if (node.promises.broken() > 0) {
            node.brokenNanos = now; // one start is proof enough for a while
          }
          Start start = new Start(egressId, epoch);
          end(start);
          if (claims.size() < MOST_CLAIMS) {
            node.open++;
            claims.put(start, new Claim(node, now));
          }
        });
  }

  /** It answered that it doesn't take the start: that says nothing against it. */
  public synchronized void refused(String egressId, int epoch) {
    end(new Start(egressId, epoch));
  }

  /** It has reported the start, and didn't confirm it. */
  public synchronized void unanswered(String egressId, int epoch) {
    Claim claim = claims.get(new Start(egressId, epoch));
    if (claim != null) {
      claim.unanswered = true;
    }
  }

  /** It has neither confirmed nor reported the start. */
  public synchronized void unconfirmed(String egressId, int epoch) {
    Claim claim = end(new Start(egressId, epoch));
    if (claim != null) {
      broken(claim, "it claimed " + egressId + " and neither confirmed nor reported it");
    }
  }

  private @Nullable Claim end(Start start) {
    Claim claim = claims.remove(start);
    if (claim != null) {
      claim.node.open--;
    }
    return claim;
  }

  private void broken(Claim claim, String what) {
    claim.node.judged(Outcome.BROKEN, what, time.nanos());
    judgeAll(time.nanos());
  }

  /** What each node that answered has; those that are not in it did not answer. */
  public synchronized void listed(Map<String, Set<String>> byServer) {
    long now = time.nanos();
    asked = true;
    byServer.forEach((serverId, egresses) ->
        heard(serverId, now)
            .ifPresent(node -> {
              node.lists(egresses, now);
              egresses.forEach(egressId -> listers.put(egressId, serverId));
            }));
    forget(now);
    judgeAll(now);
  }

  /** This controller hears nobody, or has no store: no time that passes now is held against any. */
  public synchronized void blind() {
    long now = time.nanos();
    seesSinceNanos = now;
    for (GoNode node : nodes.values()) {
      node.heardNanos = now;
      node.listedNanos = now;
      node.dropped.replaceAll((_, _) -> now);
    }
    claims.values().forEach(claim -> claim.sinceNanos = now);
  }

  /**
   * What the store has.
   *
   * @param unfinished every egress without a final status
   * @param readNanos before that was read
   * @param isOurs whether a node with this id has a lease
   */
  public synchronized void stored(
      List<StoredEgress> unfinished, long readNanos, Predicate<String> isOurs) {
    Map<String, StoredEgress> rows = HashMap.newHashMap(unfinished.size());
    unfinished.forEach(row -> rows.put(row.info().getEgressId(), row));
    for (Map.Entry<Start, Claim> each : List.copyOf(claims.entrySet())) {
      judge(each.getKey(), each.getValue(), rows.get(each.getKey().egressId), readNanos);
    }
    stuck.removeIf(start -> !rows.containsKey(start.egressId));
    Predicate<String> isGone =
        egressId -> {
          StoredEgress row = rows.get(egressId);
          return row == null || row.sequence() == 0 || isOurs.test(row.node());
        };
    listers.keySet().removeIf(isGone);
    for (GoNode node : nodes.values()) {
      node.dropped
          .keySet()
          .removeIf(id -> isGone.test(id) || !node.serverId.equals(listers.get(id)));
    }
    judgeAll(time.nanos());
  }

  private void judge(Start start, Claim claim, @Nullable StoredEgress row, long readNanos) {
    if (row != null && row.epoch() > start.epoch) {
      end(start); // somebody took it from the node: who did so has judged it
      return;
    }
    boolean ended = row == null || isActive(row);
    boolean reported = row == null || row.sequence() > 0;
    if (row != null && reported && GoNodeId.isOne(row.node())) {
      claim.node.clientId = row.node().substring(GoNodeId.ofClient("").length());
    }
    Duration age = Duration.ofNanos(Math.max(0, readNanos - claim.sinceNanos));
    switch (GoNodeHealth.outcome(new Claimed(age, reported, ended))) {
      case OPEN -> {}
      case KEPT -> {
        end(start);
        claim.node.judged(Outcome.KEPT, "", readNanos);
      }
      case BROKEN -> {
        end(start);
        if (reported && claim.unanswered) {
          stuck.add(start);
        }
        broken(
            claim,
            reported
                ? start.egressId + " did not come to ACTIVE"
                : "it claimed " + start.egressId + " and did not report it");
      }
    }
  }

  private static boolean isActive(StoredEgress row) {
    return row.sequence() > 0 && row.info().getStatus() != EgressStatus.EGRESS_STARTING;
  }

  /** What is known of an egress's recorder, if that is a node without a lease. */
  public synchronized Optional<Sight> sight(StoredEgress row) {
    String egressId = row.info().getEgressId();
    String lister = listers.get(egressId);
    if (mode == GoNodes.NEVER || (lister == null && !GoNodeId.isOne(row.node()))) {
      return Optional.empty();
    }
    long now = time.nanos();
    boolean isStuck = stuck.contains(new Start(egressId, row.epoch()));
    GoNode node = lister == null ? null : nodes.get(lister);
    if (node == null) {
      return Optional.of(new Sight(Listing.UNHEARD, since(seesSinceNanos, now), isStuck));
    }
    if (node.saysNothing(now)) {
      return Optional.of(new Sight(Listing.SILENT, since(node.listedNanos, now), isStuck));
    }
    Long dropped = node.dropped.get(egressId);
    return Optional.of(
        dropped == null
            ? new Sight(Listing.LISTED, Duration.ZERO, isStuck)
            : new Sight(Listing.DROPPED, since(dropped, now), isStuck));
  }

  private static Duration since(long thenNanos, long nowNanos) {
    return Duration.ofNanos(nowNanos - thenNanos);
  }

  private Optional<GoNode> heard(String serverId, long now) {
    GoNode node = nodes.get(serverId);
    if (node == null && (serverId.isEmpty() || nodes.size() >= MOST_NODES)) {
      return Optional.empty();
    }
    if (node == null) {
      node = new GoNode(serverId, now);
      nodes.put(serverId, node);
    }
    node.heardNanos = now;
    return Optional.of(node);
  }

  /** One that had nothing when it fell silent was stopped; one that had is shown for a while. */
  private void forget(long now) {
    nodes
        .values()
        .removeIf(node ->
            node.isSilent(now) && (node.listed.isEmpty() || now - node.heardNanos > FORGET_NANOS));
  }

  private void judgeAll(long now) {
    List<Ejection.Member> members = new ArrayList<>();
    for (GoNode node : nodes.values()) {
      node.health = node.judge(now);
      if (node.health != Health.GONE) {
        members.add(new Ejection.Member(node.serverId, node.health, true, node.ejected));
      }
    }
    Set<String> ejected = Ejection.judge(members).ejected();
    nodes.values().forEach(node -> node.ejected = ejected.contains(node.serverId));
  }

  /** Whose starts came to nothing here. */
  @Override
  public synchronized List<GoNodeSight> sights() {
    return nodes.values().stream()
        .filter(node -> node.promises.broken() > 0)
        .map(node ->
            GoNodeSight.newBuilder()
                .setServerId(node.serverId)
                .setBroken(node.promises.broken())
                .build())
        .toList();
  }

  @Override
  public synchronized void told(List<GoNodeSight> sights) {
    if (sights.isEmpty()) {
      return;
    }
    long now = time.nanos();
    for (GoNodeSight sight : sights) {
      GoNode node = nodes.get(sight.getServerId());
      if (node != null) {
        boolean fresh = node.elsewhereUntilNanos - now > 0;
        node.brokenElsewhere =
            fresh ? Math.max(node.brokenElsewhere, sight.getBroken()) : sight.getBroken();
        node.elsewhereUntilNanos = now + TOLD_NANOS;
      }
    }
    judgeAll(now);
  }

  /** Whose health has changed since this was last asked. */
  public synchronized List<Change> changes() {
    long now = time.nanos();
    judgeAll(now);
    List<Change> changes = new ArrayList<>();
    for (GoNode node : nodes.values()) {
      if (node.told != node.health) {
        changes.add(new Change(view(node, now), node.told));
        node.told = node.health;
      }
    }
    return changes;
  }

  /** All that are known, in the order in which they came. */
  public synchronized List<GoNodeView> nodes() {
    long now = time.nanos();
    return nodes.values().stream().map(node -> view(node, now)).toList();
  }

  private static GoNodeView view(GoNode node, long now) {
    return new GoNodeView(
        node.serverId,
        node.clientId,
        node.health,
        node.reason(now),
        node.ejected,
        since(node.heardNanos, now),
        node.oldestStatus(now),
        node.listed.size());
  }
}
