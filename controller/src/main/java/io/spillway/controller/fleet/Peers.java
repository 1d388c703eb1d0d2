package io.spillway.controller.fleet;

import io.spillway.core.fleet.Canary;
import io.spillway.protocol.fleet.CanaryView;
import io.spillway.protocol.fleet.Presence;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The controllers that were heard lately, and what each thinks of the nodes it watches. Guarded by
 * the book's lock.
 */
final class Peers {
  private static final int MOST = 64;

  /** From this format on a controller says which nodes' leases come to it. */
  private static final int TELLS_NODES = 2;

  private final String own;
  private final long freshNanos;
  private final Map<String, Peer> peers = new HashMap<>();

  /**
   * Another controller.
   *
   * @param nodes whose leases came to it; empty for a peer of an earlier version: it may know all
   * @param silent of these, the ones that it has not heard for some seconds
   */
  private record Peer(
      long number,
      long heardNanos,
      Map<String, Canary> views,
      Optional<Set<String>> nodes,
      Set<String> silent) {
    boolean knows(String nodeId) {
      return nodes.map(ids -> ids.contains(nodeId)).orElse(true);
    }

    boolean hears(String nodeId) {
      return nodeId.isEmpty()
          ? nodes.map(ids -> !ids.isEmpty()).orElse(true)
          : knows(nodeId) && !silent.contains(nodeId);
    }
  }

  Peers(String own, long freshNanos) {
    this.own = own;
    this.freshNanos = freshNanos;
  }

  /** Takes a message in; an older one, or one too many, changes nothing. */
  void heard(Presence presence, long nowNanos) {
    String id = presence.getControllerId();
    Peer before = peers.get(id);
    boolean old = before != null && presence.getNumber() <= before.number;
    if (id.isEmpty() || id.equals(own) || old || (before == null && peers.size() >= MOST)) {
      return;
    }
    Map<String, Canary> views = new HashMap<>();
    presence.getViewsList().forEach(view -> views.put(view.getNodeId(), canary(view)));
    Optional<Set<String>> nodes =
        presence.getFormat() >= TELLS_NODES
            ? Optional.of(Set.copyOf(presence.getNodeIdsList()))
            : Optional.empty();
    peers.put(
        id,
        new Peer(
            presence.getNumber(),
            nowNanos,
            views,
            nodes,
            Set.copyOf(presence.getSilentNodeIdsList())));
  }

  private static Canary canary(CanaryView view) {
    return switch (view.getState()) {
      case MISSING -> new Canary(Canary.State.GOOD, view.getMisses());
      case FAILED -> new Canary(Canary.State.FAILED, 0);
      case UNPROVEN, UNRECOGNIZED -> Canary.NEW;
    };
  }

  /** This controller and those that were heard lately. */
  Set<String> alive(long nowNanos) {
    peers.values().removeIf(peer -> nowNanos - peer.heardNanos > freshNanos);
    Set<String> alive = new HashSet<>(peers.keySet());
    alive.add(own);
    return alive;
  }

  /** Those of {@code alive} to which this node's leases ever came. */
  Set<String> knowing(String nodeId, Set<String> alive) {
    return those(alive, peer -> peer.knows(nodeId));
  }

  /** Those to which its leases come at present; for an empty id those that have any node. */
  Set<String> hearing(String nodeId, Set<String> alive) {
    return those(alive, peer -> peer.hears(nodeId));
  }

  private Set<String> those(Set<String> alive, Predicate<Peer> wanted) {
    Set<String> found = new HashSet<>();
    peers.forEach((id, peer) -> {
      if (alive.contains(id) && wanted.test(peer)) {
        found.add(id);
      }
    });
    return found;
  }

  /** The worst that a peer has to say of a node; empty when none says anything. */
  Optional<Canary> worst(String nodeId) {
    Canary worst = null;
    for (Peer peer : peers.values()) {
      Canary view = peer.views.get(nodeId);
      if (view != null && (worst == null || badness(view) > badness(worst))) {
        worst = view;
      }
    }
    return Optional.ofNullable(worst);
  }

  private static int badness(Canary canary) {
    return switch (canary.state()) {
      case GOOD -> canary.misses();
      case UNPROVEN -> 10;
      case FAILED -> 20;
    };
  }
}
