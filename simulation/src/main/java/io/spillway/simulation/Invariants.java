package io.spillway.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rules that hold whatever fails. Each is checked at the step that could break it; a broken one
 * is kept with its moment.
 */
final class Invariants {
  private static final int MOST = 20;

  private final SimulationClock clock;
  private final List<String> broken = new ArrayList<>();
  private final Map<String, String> parts = new HashMap<>();

  Invariants(SimulationClock clock) {
    this.clock = clock;
  }

  List<String> broken() {
    return List.copyOf(broken);
  }

  void violated(String rule, String what) {
    if (broken.size() < MOST) {
      broken.add("%.3f s: %s: %s".formatted(clock.nanos() / 1e9, rule, what));
    }
  }

  /** Never two parts under one name. */
  void partBegun(String name, String writer) {
    String before = parts.putIfAbsent(name, writer);
    if (before != null) {
      violated("never two parts under one name", name + " by " + before + " and by " + writer);
    }
  }

  /** A node that comes back takes nothing from a node that records. */
  void handed(Egress egress, String holder, String node) {
    boolean records = egress.occupant.map(one -> one.nodeId().equals(holder)).orElse(false);
    if (records && !holder.equals(node)) {
      violated(
          "a restarted node takes no egress from who records it",
          egress.id + " of " + holder + " given to " + node);
    }
  }

  /** After a new epoch has joined, an old one never records again. */
  void joined(Egress egress, int epoch, String node) {
    if (epoch < egress.newestJoined) {
      violated(
          "an old epoch never records after a newer one",
          egress.id + " epoch " + epoch + " by " + node + " after " + egress.newestJoined);
    }
    egress.newestJoined = Math.max(egress.newestJoined, epoch);
  }

  /** A status was stored. */
  void stored(Egress egress, int epoch, int rankBefore, int rankAfter, boolean newEnd) {
    if (epoch < egress.newestEpoch) {
      violated(
          "no status of an old epoch is stored",
          egress.id + " epoch " + epoch + ", newest is " + egress.newestEpoch);
    }
    if (rankAfter < rankBefore) {
      violated("no status goes backward", egress.id + " from " + rankBefore + " to " + rankAfter);
    }
    if (newEnd && ++egress.endEvents > 1) {
      violated("one end for each egress", egress.id + " has ended " + egress.endEvents + " times");
    }
  }

  /** An accepted start ends in a terminal status, and the world hears of it. */
  void atTheEnd(Egress egress, boolean isStored, boolean isFinal) {
    if (isStored && !isFinal) {
      violated("each start ends in a terminal status", egress.id + " never ended");
    }
    if (egress.accepted && !isStored) {
      violated("an accepted start is stored", egress.id + " is not");
    }
    if (isStored && isFinal && egress.endsDelivered == 0) {
      violated("a webhook for each terminal status", egress.id + " had none");
    }
  }

  /** A start failed though it need not have. */
  void failedNeedlessly(String what) {
    violated("no start fails while a healthy node with room is within reach", what);
  }
}
