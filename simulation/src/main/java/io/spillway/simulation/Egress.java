package io.spillway.simulation;

import java.util.Optional;

/** One egress that a user asks for, and what is true of it whatever anybody believes. */
final class Egress {
  final String id;
  final String region;

  /** When its source ends: whoever records it then completes it. */
  final long endsAtNanos;

  boolean accepted;

  /** Who is in the room under this egress's identity, and the newest epoch that ever was. */
  Optional<SimulatedNode.Recording> occupant = Optional.empty();

  int newestJoined;

  /** As the store has fenced it. */
  int newestEpoch = 1;

  int endEvents;
  int endsDelivered;

  Egress(String id, String region, long endsAtNanos) {
    this.id = id;
    this.region = region;
    this.endsAtNanos = endsAtNanos;
  }
}
