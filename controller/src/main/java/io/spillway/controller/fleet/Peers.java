package io.spillway.controller.fleet;

import io.spillway.core.fleet.Canary;
import io.spillway.protocol.fleet.CanaryView;
import io.spillway.protocol.fleet.Presence;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

  /** {@code nodes} is empty for a peer of an earlier version: it may know them all. */
  private record Peer(
      long number, long heardNanos, Map<String, Canary> views, Optional<Set<String>> nodes) {
    boolean knows(String nodeId) {
      return nodes.map(ids -> ids.contains(nodeId)).orElse(true);
    }

    boolean hasNodes() {
      return nodes.map(ids -> !ids.isEmpty()).orElse(true);
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
    peers.put(id, new Peer(presence.getNumber(), nowNanos, views, nodes));
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

  /** The peers to which this node's leases come; its empty id: those that have any node. */
  Set<String> knowing(String nodeId, Set<String> alive) {
    Set<String> knowing = new HashSet<>();
    peers.forEach((id, peer) -> {
      if (alive.contains(id) && (nodeId.isEmpty() ? peer.hasNodes() : peer.knows(nodeId))) {
        knowing.add(id);
      }
    });
    return knowing;
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
