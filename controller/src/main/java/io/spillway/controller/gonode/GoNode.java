package io.spillway.controller.gonode;

import io.spillway.core.fleet.GoEgress;
import io.spillway.core.fleet.GoNodeHealth;
import io.spillway.core.fleet.GoNodeHealth.Outcome;
import io.spillway.core.fleet.Health;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** One livekit/egress node in the book. Guarded by the book's lock. */
final class GoNode {
  final String serverId;
  String clientId = "";

  /** When anything was heard of it, and when it last said what it has. */
  long heardNanos;

  long listedNanos;
  Set<String> listed = Set.of();

  /** What it lists no more and what has no final status yet, with since when. */
  final Map<String, Long> dropped = new HashMap<>();

  GoNodeHealth promises = GoNodeHealth.NEW;
  long brokenNanos;
  String trouble = "";

  /** Claims of this node that can't be judged yet. */
  int open;

  /** What another controller thinks of it, and until when that counts. */
  int brokenElsewhere;

  long elsewhereUntilNanos;

  Health health = Health.HEALTHY;
  Health told = Health.HEALTHY;
  boolean ejected;

  GoNode(String serverId, long nowNanos) {
    this.serverId = serverId;
    this.heardNanos = nowNanos;
    this.listedNanos = nowNanos;
    this.elsewhereUntilNanos = nowNanos;
  }

  void judged(Outcome outcome, String what, long nowNanos) {
    promises = promises.after(outcome);
    switch (outcome) {
      case OPEN -> {}
      case KEPT -> trouble = "";
      case BROKEN -> {
        trouble = what;
        brokenNanos = nowNanos;
      }
    }
  }

  void lists(Set<String> egresses, long nowNanos) {
    for (String egressId : listed) {
      if (!egresses.contains(egressId)) {
        var _ = dropped.putIfAbsent(egressId, nowNanos);
      }
    }
    dropped.keySet().removeAll(egresses);
    listed = Set.copyOf(egresses);
    heardNanos = nowNanos;
    listedNanos = nowNanos;
  }

  Duration oldestStatus(long nowNanos) {
    long oldest = nowNanos;
    for (long since : dropped.values()) {
      oldest = Math.min(oldest, since);
    }
    return Duration.ofNanos(nowNanos - oldest);
  }

  boolean isSilent(long nowNanos) {
    return nowNanos - heardNanos > GoEgress.SILENT_WITHIN.toNanos();
  }

  /** Whether what it listed last is too old to count. */
  boolean saysNothing(long nowNanos) {
    return nowNanos - listedNanos > GoEgress.SILENT_WITHIN.toNanos();
  }

  /** Its health by its own deeds and by what other controllers say of it. */
  Health judge(long nowNanos) {
    if (isSilent(nowNanos)) {
      return Health.GONE;
    }
    boolean told = elsewhereUntilNanos - nowNanos > 0 && brokenElsewhere > promises.broken();
    GoNodeHealth worst = told ? new GoNodeHealth(brokenElsewhere) : promises;
    return worst.health(oldestStatus(nowNanos));
  }

  /** Whether its next start shows whether it is well again. */
  boolean mayProveItself(long nowNanos) {
    return promises.broken() > 0
        && open == 0
        && promises.mayTryAgain(Duration.ofNanos(nowNanos - brokenNanos));
  }

  String reason(long nowNanos) {
    return switch (health) {
      case HEALTHY, DRAINING -> "";
      case GONE -> "It doesn't answer any more.";
      case SUSPECT, WEDGED -> {
        Duration oldest = oldestStatus(nowNanos);
        if (promises.broken() > 0) {
          yield "%d starts in a row came to nothing; the last: %s"
              .formatted(promises.broken(), trouble);
        }
        yield oldest.compareTo(GoNodeHealth.UPDATE_WITHIN) > 0
            ? "It ended an egress %d s ago and didn't report the end.".formatted(oldest.toSeconds())
            : "Starts that another controller gave it came to nothing.";
      }
    };
  }
}
