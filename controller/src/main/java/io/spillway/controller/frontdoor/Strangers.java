package io.spillway.controller.frontdoor;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells claimants at the front door that are no controllers of this fleet. A controller claims
 * under its own id, and the others hear of it once a second on the fleet's bus: whoever claims and
 * isn't heard there for some seconds is a stranger. Not thread-safe; pure but for what it
 * remembers.
 */
final class Strangers {
  /** A controller that has just begun is heard within a second; messages may be lost. */
  static final Duration UNKNOWN_FOR = Duration.ofSeconds(3);

  /** A node that is full for a moment keeps silent and is there all the same. */
  static final Duration REMEMBERED = Duration.ofSeconds(15);

  private final Map<String, Seen> unknown = new HashMap<>();

  private record Seen(long firstNanos, long lastNanos) {}

  /** Takes in who has claimed and which controllers are heard. */
  void saw(Set<String> claimants, Set<String> controllers, long nowNanos) {
    for (String claimant : claimants) {
      unknown.merge(
          claimant,
          new Seen(nowNanos, nowNanos),
          (before, now) -> new Seen(before.firstNanos, now.lastNanos));
    }
    unknown.keySet().removeAll(controllers);
    unknown.values().removeIf(seen -> nowNanos - seen.lastNanos > REMEMBERED.toNanos());
  }

  /** Whether there is somebody who may be a stranger or a controller that isn't heard yet. */
  boolean isAnyUnknown() {
    return !unknown.isEmpty();
  }

  /** Those that are certain, by id. */
  List<String> certain() {
    return unknown.entrySet().stream()
        .filter(entry -> isCertain(entry.getValue()))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  private static boolean isCertain(Seen seen) {
    return seen.lastNanos - seen.firstNanos >= UNKNOWN_FOR.toNanos();
  }
}
