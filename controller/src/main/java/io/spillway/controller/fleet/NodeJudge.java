package io.spillway.controller.fleet;

import io.spillway.core.fleet.Canary;
import io.spillway.core.fleet.CanaryPlan;
import io.spillway.core.fleet.Health;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** How well one node is, from what the book holds. Guarded by the book's lock. */
final class NodeJudge {
  /** A node that no controller complains of counts as proven after this long. */
  private static final long SILENCE_IS_CONSENT_NANOS = Duration.ofMillis(2500).toNanos();

  private final FleetSettings settings;
  private final Peers peers;

  NodeJudge(FleetSettings settings, Peers peers) {
    this.settings = settings;
    this.peers = peers;
  }

  /** Whether this controller sends the node's canaries: of those to which its leases come. */
  boolean isWatched(FleetNode node, Set<String> controllers) {
    return CanaryPlan.watches(
        settings.controllerId(), node.nodeId(), peers.knowing(node.nodeId(), controllers));
  }

  /** Its health by both ways and by what became of its starts. */
  Health judged(FleetNode node, Set<String> controllers, long now) {
    Health byWays = Health.of(signs(node, controllers, now), settings.health());
    Health byPromises = node.promises.health(Duration.ZERO);
    boolean tryAgain = node.promises.mayTryAgain(Duration.ofNanos(now - node.brokenNanos));
    return tryAgain || badness(byWays) >= badness(byPromises) ? byWays : byPromises;
  }

  /**
   * Takes note of whether the node's messages could get through at this moment: the age of its
   * statuses speaks against it only as far as they could. After an outage of the bus all are old.
   */
  void noteWay(FleetNode node, Set<String> controllers, boolean blind, long now) {
    Canary canary = canary(node, controllers, now);
    boolean through =
        canary.state() == Canary.State.GOOD && canary.misses() < settings.health().missesSuspect();
    if (blind || !through) {
      node.throughSinceNanos = now;
    }
  }

  private static Duration statusAge(FleetNode node, long now) {
    Duration through = Duration.ofNanos(now - node.throughSinceNanos);
    return node.oldestStatus.compareTo(through) < 0 ? node.oldestStatus : through;
  }

  Health.Signs signs(FleetNode node, Set<String> controllers, long now) {
    return new Health.Signs(
        Duration.ofNanos(now - node.leaseNanos),
        canary(node, controllers, now),
        statusAge(node, now),
        node.lease().draining() || node.drainOrdered);
  }

  /** A node is watched by two controllers: the others believe what those say. */
  Canary canary(FleetNode node, Set<String> controllers, long now) {
    if (isWatched(node, controllers)) {
      return node.canary;
    }
    Optional<Canary> told = peers.worst(node.nodeId());
    if (told.isPresent()) {
      return told.get();
    }
    boolean longKnown = now - node.firstSeenNanos() > SILENCE_IS_CONSENT_NANOS;
    return longKnown ? new Canary(Canary.State.GOOD, 0) : Canary.NEW;
  }

  static int badness(Health health) {
    return switch (health) {
      case HEALTHY -> 0;
      case DRAINING -> 1;
      case SUSPECT -> 2;
      case WEDGED -> 3;
      case GONE -> 4;
    };
  }

  HealthChange change(FleetNode node, Health old, Set<String> controllers, long now) {
    Health.Signs signs = signs(node, controllers, now);
    String reason =
        "lease %d ms old, canary %s after %d misses, oldest status %d ms, %d starts vanished%s"
            .formatted(
                signs.leaseAge().toMillis(),
                signs.canary().state(),
                signs.canary().misses(),
                node.oldestStatus.toMillis(),
                node.promises.broken(),
                node.ejected ? ", ejected" : "");
    return new HealthChange(
        node.nodeId(),
        node.lease().region(),
        node.lease().version(),
        old,
        node.health,
        node.inService,
        reason);
  }
}
