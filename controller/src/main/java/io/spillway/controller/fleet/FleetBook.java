package io.spillway.controller.fleet;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Canary;
import io.spillway.core.fleet.DispatchChoice.Choice;
import io.spillway.core.fleet.DispatchChoice.Refusal;
import io.spillway.core.fleet.DispatchChoice.Wish;
import io.spillway.core.fleet.Ejection;
import io.spillway.core.fleet.GoNodeHealth;
import io.spillway.core.fleet.Health;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.fleet.LostEgress;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.fleet.CanaryView;
import io.spillway.protocol.fleet.Presence;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The fleet as one controller knows it: takes signs of life in, judges, chooses. No thread, no
 * socket, no timer of its own: the service around it calls {@link #judge} twice a second, and so
 * does the simulation. Thread-safe; every method is short. (Over 300 lines: all of it is the one
 * state that the one lock guards; what can be said of a single node is in {@link NodeJudge}.)
 *
 * <p>A controller that doesn't hear itself on the bus, can't reach the store, or was itself stopped
 * for a while, judges nobody: no node's health gets worse then, nor for some seconds after (it may
 * get better at any time). See {@link Ejection} for the second guard against a judge that is ill.
 */
public final class FleetBook {
  /** A judge that wasn't called for so long was stopped itself: its ages mean nothing. */
  private static final long STOPPED_NANOS = Duration.ofSeconds(3).toNanos();

  /** Two leases of a node and some time for a connection. */
  public static final Duration LEASES_COME = Duration.ofSeconds(5);

  private static final int MOST_ORDERS = 256;

  private final FleetSettings settings;
  private final TimeSource time;
  private final RandomGenerator random;
  private final Map<String, FleetNode> nodes = new LinkedHashMap<>();
  private final Map<String, Deque<LeaseOrder>> orders = new HashMap<>();
  private final Peers peers;
  private final NodeJudge judge;
  private final long beganNanos;
  private long presenceNumber;
  private long selfHeardNanos;
  private long judgedNanos;
  private long graceUntilNanos;
  private boolean storeReachable = true;
  private boolean limited;
  private Enrolment enrolment = Enrolment.of(Map.of());

  /** An empty book. {@code random} is for the draw of nodes; it need not be thread-safe. */
  public FleetBook(FleetSettings settings, TimeSource time, RandomGenerator random) {
    this.settings = settings;
    this.time = time;
    this.random = random;
    this.peers = new Peers(settings.controllerId(), settings.blindAfter().toNanos());
    this.judge = new NodeJudge(settings, peers);
    this.beganNanos = time.nanos();
    this.selfHeardNanos = time.nanos();
    this.judgedNanos = time.nanos();
    this.graceUntilNanos = time.nanos();
  }

  /**
   * Takes a lease in; the orders for the node. A node that this controller doesn't know yet, or
   * doesn't find well, should be sent a canary at once: see {@link #canariesDue}.
   *
   * @throws IllegalStateException when there are too many nodes to know one more
   */
  public synchronized List<LeaseOrder> renew(Lease lease) {
    long now = time.nanos();
    FleetNode node = nodes.get(lease.nodeId());
    if (node == null) {
      if (nodes.size() >= settings.mostNodes()) {
        throw new IllegalStateException(
            "node %s is not taken into the fleet: it has %d nodes already"
                .formatted(lease.nodeId(), nodes.size()));
      }
      nodes.put(lease.nodeId(), new FleetNode(lease, now));
    } else if (!node.renew(lease, now)) {
      return List.of();
    }
    if (node != null && node.drainOrdered && !lease.draining()) {
      order(lease.nodeId(), new LeaseOrder.Drain(node.drainReason)); // its answer may be lost
    }
    Deque<LeaseOrder> waiting = orders.remove(lease.nodeId());
    return waiting == null ? List.of() : List.copyOf(waiting);
  }

  /** Keeps an order for the node's next lease; dropped when it has too many, or isn't known. */
  public synchronized void order(String nodeId, LeaseOrder order) {
    if (!nodes.containsKey(nodeId)) {
      return;
    }
    Deque<LeaseOrder> waiting = orders.computeIfAbsent(nodeId, _ -> new ArrayDeque<>());
    if (waiting.size() < MOST_ORDERS && !waiting.contains(order)) {
      waiting.add(order);
    }
  }

  /** Tells every node to take its signalling up again. */
  public synchronized void refreshSignalling(String reason) {
    nodes.keySet().forEach(id -> order(id, new LeaseOrder.RefreshSignalling(reason)));
  }

  /** Takes a node out of service for good: it is told to drain, and gets no start from now on. */
  public synchronized boolean drain(String nodeId, String reason) {
    FleetNode node = nodes.get(nodeId);
    if (node == null) {
      return false;
    }
    node.drainOrdered = true;
    node.drainReason = reason;
    order(nodeId, new LeaseOrder.Drain(reason));
    return true;
  }

  /** A status of this node was stored. */
  public synchronized void reported(String nodeId) {
    FleetNode node = nodes.get(nodeId);
    if (node != null) {
      node.heardNanos = time.nanos();
      node.promises = node.promises.after(GoNodeHealth.Outcome.KEPT);
    }
  }

  /**
   * The node that got this egress said yes, and then never reported it: the one illness that
   * neither way shows. Two such starts in a row take it out of service for a while, as with a node
   * of LiveKit's.
   */
  public synchronized void startVanished(String egressId) {
    for (FleetNode node : nodes.values()) {
      if (node.isPending(egressId)) {
        node.release(egressId);
        node.promises = node.promises.after(GoNodeHealth.Outcome.BROKEN);
        node.brokenNanos = time.nanos();
      }
    }
  }

  /** The nodes that this controller has to send a canary to now. */
  public synchronized List<String> canariesDue() {
    Set<String> controllers = peers.alive(time.nanos());
    List<String> due = new ArrayList<>();
    for (FleetNode node : nodes.values()) {
      if (judge.isWatched(node, controllers)) {
        due.add(node.nodeId());
      }
    }
    return due;
  }

  /**
   * A canary came back whole. True when the next one should follow at once: the node is coming back
   * and may be needed.
   */
  public synchronized boolean canaryAnswered(String nodeId, Duration oldestStatus) {
    FleetNode node = nodes.get(nodeId);
    if (node == null) {
      return false;
    }
    node.canary = node.canary.after(true);
    node.heardNanos = time.nanos();
    node.oldestStatus = oldestStatus;
    return node.canary.state() == Canary.State.FAILED;
  }

  /** A canary did not come back in time; counts only while this controller trusts itself. */
  public synchronized void canaryMissed(String nodeId) {
    FleetNode node = nodes.get(nodeId);
    if (node != null && !isBlind()) {
      node.canary = node.canary.after(false);
    }
  }

  /** What this controller tells all controllers, itself included, once a second. */
  public synchronized Presence presence() {
    Presence.Builder presence =
        Presence.newBuilder()
            .setFormat(2)
            .setControllerId(settings.controllerId())
            .setNumber(++presenceNumber);
    Set<String> controllers = peers.alive(time.nanos());
    long now = time.nanos();
    for (FleetNode node : nodes.values()) {
      presence.addNodeIds(node.nodeId());
      if (!node.leasesCome(now)) {
        presence.addSilentNodeIds(node.nodeId());
      }
      boolean well = node.canary.state() == Canary.State.GOOD && node.canary.misses() == 0;
      if (!well && judge.isWatched(node, controllers)) {
        presence.addViews(
            CanaryView.newBuilder()
                .setNodeId(node.nodeId())
                .setState(
                    switch (node.canary.state()) {
                      case UNPROVEN -> CanaryView.State.UNPROVEN;
                      case GOOD -> CanaryView.State.MISSING;
                      case FAILED -> CanaryView.State.FAILED;
                    })
                .setMisses(node.canary.misses()));
      }
    }
    return presence.build();
  }

  /**
   * The controllers of which one has to act for what this node has: those to which its leases come,
   * for a controller to which they don't must not take it for lost. All, if they come to none.
   *
   * @param nodeId empty for an egress that waits for a node: those that have nodes
   */
  public synchronized Set<String> judgesOf(String nodeId) {
    long now = time.nanos();
    Set<String> alive = peers.alive(now);
    Set<String> hearing = peers.hearing(nodeId, alive);
    FleetNode node = nodes.get(nodeId);
    boolean own = nodeId.isEmpty() ? !nodes.isEmpty() : node != null && node.leasesCome(now);
    if (own) {
      hearing.add(settings.controllerId());
    }
    return hearing.isEmpty() ? alive : hearing;
  }

  /** A controller was heard on the bus, perhaps this one. */
  public synchronized void heard(Presence presence) {
    long now = time.nanos();
    if (presence.getControllerId().equals(settings.controllerId())) {
      selfHeardNanos = now;
    } else {
      peers.heard(presence, now);
    }
  }

  /** Whether the store could be reached when it was last tried. */
  public synchronized void storeReachable(boolean reachable) {
    storeReachable = reachable;
  }

  /** Whether this controller has no ground to judge anybody. */
  public synchronized boolean isBlind() {
    return !storeReachable
        || time.nanos() - selfHeardNanos > settings.blindAfter().toNanos()
        || time.nanos() - judgedNanos > STOPPED_NANOS;
  }

  /** Whether more nodes look ill than may be ejected: then the judge is doubtful. */
  public synchronized boolean isLimited() {
    return limited;
  }

  /** The controllers that were heard lately, this one included. */
  public synchronized Set<String> controllers() {
    return peers.alive(time.nanos());
  }

  /** This controller's id. */
  public String controllerId() {
    return settings.controllerId();
  }

  /** Judges every node; what has changed. To be called about twice a second. */
  public synchronized List<HealthChange> judge() {
    long now = time.nanos();
    boolean blind = isBlind();
    if (blind) {
      graceUntilNanos = now + settings.grace().toNanos();
    }
    judgedNanos = now;
    boolean mayWorsen = now >= graceUntilNanos;
    Set<String> controllers = peers.alive(now);
    forgetLongGone(now);
    Map<FleetNode, Health> before = new HashMap<>();
    Map<String, List<FleetNode>> regions = new HashMap<>();
    for (FleetNode node : nodes.values()) {
      Health old = node.health;
      before.put(node, old);
      judge.noteWay(node, controllers, blind, now);
      Health judged = judge.judged(node, controllers, now);
      boolean worse = NodeJudge.badness(judged) > NodeJudge.badness(node.health);
      // While nobody is judged, a canary that was missed is all that tells a node cut off from
      // here.
      boolean kept = worse && !mayWorsen && node.proven;
      node.doubted = kept || (!mayWorsen && judge.canary(node, controllers, now).misses() > 0);
      node.health = kept ? node.health : judged;
      node.healthSinceNanos = node.health == old ? node.healthSinceNanos : now;
      regions.computeIfAbsent(node.lease().region(), _ -> new ArrayList<>()).add(node);
    }
    limited = false;
    List<HealthChange> changes = new ArrayList<>();
    regions.values().forEach(members -> putIntoService(members, controllers, before, changes));
    enrolment = Enrolment.of(regions);
    return changes;
  }

  private void forgetLongGone(long now) {
    nodes
        .values()
        .removeIf(node -> {
          if (node.health != Health.GONE) {
            node.goneNanos = now;
          }
          boolean forgotten = now - node.goneNanos > settings.forgetAfter().toNanos();
          if (forgotten) {
            orders.remove(node.nodeId());
          }
          return forgotten;
        });
  }

  private void putIntoService(
      List<FleetNode> region,
      Set<String> controllers,
      Map<FleetNode, Health> before,
      List<HealthChange> changes) {
    long now = time.nanos();
    List<Ejection.Member> members = new ArrayList<>();
    for (FleetNode node : region) {
      node.proven |= node.health == Health.HEALTHY;
      boolean counts =
          switch (node.health) {
            case HEALTHY -> true;
            case SUSPECT, WEDGED -> node.proven;
            case DRAINING, GONE -> false;
          };
      if (counts) {
        boolean answers = Health.answers(judge.signs(node, controllers, now), settings.health());
        members.add(new Ejection.Member(node.nodeId(), node.health, answers, node.ejected));
      }
    }
    Ejection.Verdict verdict = Ejection.judge(members);
    limited |= verdict.limited();
    Set<String> counted = new HashSet<>();
    members.forEach(member -> counted.add(member.nodeId()));
    for (FleetNode node : region) {
      boolean wasInService = node.inService;
      node.ejected = verdict.ejected().contains(node.nodeId());
      node.inService = counted.contains(node.nodeId()) && !node.ejected && !node.drainOrdered;
      orderRebuild(node, now);
      Health old = before.getOrDefault(node, node.health);
      if (old != node.health || wasInService != node.inService) {
        changes.add(judge.change(node, old, controllers, now));
      }
    }
  }

  /**
   * The first rung of the ladder: a node heard by lease only makes its RPC half anew. Not by order
   * of a controller that hears nothing over psrpc itself.
   */
  private void orderRebuild(FleetNode node, long now) {
    boolean leases = now - node.leaseNanos <= settings.health().leaseLost().toNanos();
    boolean due =
        node.rebuildOrderedNanos == Long.MIN_VALUE
            || now - node.rebuildOrderedNanos >= settings.rebuildEvery().toNanos();
    boolean hearsItself = now - selfHeardNanos <= 2 * settings.canaryEvery().toNanos();
    if (node.health == Health.WEDGED && leases && due && hearsItself) {
      node.rebuildOrderedNanos = now;
      node.rebuilds++;
      order(
          node.nodeId(),
          new LeaseOrder.RebuildRpc("controllers hear its leases and don't hear it over psrpc"));
    }
  }

  /** Since when this book is kept. */
  public Duration age() {
    return Duration.ofNanos(time.nanos() - beganNanos);
  }

  /** Whether any node has a lease: without one the fleet is LiveKit's own nodes, or none. */
  public synchronized boolean hasNodes() {
    return !nodes.isEmpty();
  }

  /**
   * Chooses a node for a start and counts the start as its load until a lease tells of it; call
   * {@link #release} when the node did not take it.
   *
   * @param region empty: this controller's own
   */
  public synchronized Choice choose(
      String egressId, String region, String cluster, Set<String> except) {
    // A region in which two nodes were silent may be cut off as a whole.
    boolean anywhere = except.size() >= 2;
    String home = region.isEmpty() ? settings.region() : region;
    String wanted = anywhere ? "" : home;
    Choice choice = enrolment.choose(new Wish(wanted, cluster, except), random);
    if (choice instanceof Choice.Node(String nodeId)) {
      FleetNode node = nodes.get(nodeId);
      if (node != null) {
        node.reserve(egressId, time.nanos());
      }
    }
    boolean early = age().compareTo(LEASES_COME) < 0;
    return early && choice instanceof Choice.Nobody(Refusal why) && why.isCertain()
        ? new Choice.Nobody(Refusal.NOT_ALL_KNOWN)
        : choice;
  }

  /** Whether a node with this id is heard on either way. */
  public synchronized boolean isAlive(String nodeId) {
    FleetNode node = nodes.get(nodeId);
    return node != null && node.health != Health.GONE;
  }

  /** Where a node runs, as its leases say; empty: unknown. */
  public synchronized String regionOf(String nodeId) {
    FleetNode node = nodes.get(nodeId);
    return node == null ? "" : node.lease().region();
  }

  /** The node did not take the start. */
  public synchronized void release(String nodeId, String egressId) {
    FleetNode node = nodes.get(nodeId);
    if (node != null) {
      node.release(egressId);
    }
  }

  /** The node turned a start down for want of this: nobody asks it before its next lease. */
  public synchronized void saidFull(String nodeId, Admission.Shortage what) {
    FleetNode node = nodes.get(nodeId);
    if (node != null) {
      node.saidFull = Optional.of(what);
    }
  }

  /** What is known of the node that has an egress, for {@link LostEgress}. */
  public synchronized LostEgress.Holder holder(
      String nodeId, String egressId, int epoch, long rowUnchangedNanos) {
    long now = time.nanos();
    FleetNode node = nodes.get(nodeId);
    if (node == null || node.health == Health.GONE) {
      Optional<FleetNode> heir = otherThatLists(egressId, now);
      if (heir.isPresent()) { // a node that was restarted takes up what its earlier life had
        return new LostEgress.Holder(Optional.of(heir.get().health), Duration.ZERO, true, true);
      }
    }
    if (node == null) {
      // Not heard of since this controller began, or since it last was blind and had its grace.
      long since = Math.max(graceUntilNanos, beganNanos);
      return new LostEgress.Holder(
          Optional.empty(), Duration.ofNanos(Math.max(0, now - since)), false, false);
    }
    boolean lists =
        node.held(egressId).map(held -> held.epoch() == epoch || held.epoch() == 0).orElse(false);
    // The lease may have been written a while before it came: a second is left for that.
    boolean leaseAfterRow =
        now - node.leaseNanos + Duration.ofSeconds(1).toNanos() < rowUnchangedNanos;
    return new LostEgress.Holder(
        Optional.of(node.health), Duration.ofNanos(now - node.heardNanos), lists, leaseAfterRow);
  }

  private Optional<FleetNode> otherThatLists(String egressId, long now) {
    return nodes.values().stream()
        .filter(node -> node.health != Health.GONE && node.keeps(egressId, now))
        .findFirst();
  }

  /** Every egress that the last lease of some node names under an epoch before {@code newest}. */
  public synchronized void fence(String egressId, int newest, String reason) {
    for (FleetNode node : nodes.values()) {
      node.held(egressId)
          .filter(held -> held.epoch() > 0 && held.epoch() < newest)
          .ifPresent(_ -> order(node.nodeId(), new LeaseOrder.Fence(egressId, newest, reason)));
    }
  }

  /** All nodes that are known, in the order in which they came. */
  public synchronized List<NodeView> nodes() {
    long now = time.nanos();
    Set<String> controllers = peers.alive(now);
    return nodes.values().stream()
        .map(node ->
            new NodeView(
                node.lease(),
                Duration.ofNanos(now - node.leaseNanos),
                judge.canary(node, controllers, now),
                node.health,
                node.inService,
                node.ejected,
                Duration.ofNanos(now - node.healthSinceNanos),
                node.rebuilds,
                node.pendingStarts()))
        .toList();
  }

  /** How many nodes have each health. */
  public synchronized Collection<Health> healths() {
    return nodes.values().stream().map(node -> node.health).toList();
  }
}
