package io.spillway.core.fleet;

import java.time.Duration;

/**
 * How well a livekit/egress node is, which sends no lease and answers no canary: judged by what
 * became of the starts it claimed. A wedged one goes on to claim with the best bid while its
 * reports never come, so a claim alone says nothing.
 *
 * @param broken starts in a row that it claimed and did not report, or did not bring to ACTIVE
 */
public record GoNodeHealth(int broken) {
  /** From claim to CreateEgress. */
  public static final Duration REPORTS_WITHIN = Duration.ofSeconds(2);

  /** From claim to ACTIVE. */
  public static final Duration ACTIVE_WITHIN = Duration.ofSeconds(15);

  /**
   * It reports changes only, and lists what it has: an egress that it lists no more, and that is
   * without a final status for longer than this, is a report that doesn't get through.
   */
  public static final Duration UPDATE_WITHIN = Duration.ofSeconds(10);

  /** What a suspect's bid counts for: less than any that is well, whatever it names. */
  private static final float LAST_RESORT = 0.001f;

  /** Nothing bad is known. */
  public static final GoNodeHealth NEW = new GoNodeHealth(0);

  /**
   * A start that a Go node claimed.
   *
   * @param age since the claim was chosen
   * @param reported its CreateEgress has come
   * @param ended it came to ACTIVE, or to a terminal status by itself
   */
  public record Claimed(Duration age, boolean reported, boolean ended) {}

  /** Whether a claim has gone wrong, is well, or can't be judged yet. */
  public enum Outcome {
    OPEN,
    KEPT,
    BROKEN
  }

  /** Judges one claim. */
  public static Outcome outcome(Claimed claim) {
    if (claim.reported() && claim.ended()) {
      return Outcome.KEPT;
    }
    Duration limit = claim.reported() ? ACTIVE_WITHIN : REPORTS_WITHIN;
    return claim.age().compareTo(limit) > 0 ? Outcome.BROKEN : Outcome.OPEN;
  }

  /** After a claim was judged. */
  public GoNodeHealth after(Outcome outcome) {
    return switch (outcome) {
      case OPEN -> this;
      case KEPT -> NEW;
      case BROKEN -> new GoNodeHealth(broken + 1);
    };
  }

  /**
   * One broken claim makes a suspect, two make a wedge. Whoever is suspect gets no work, so it is
   * tried again after a while, see {@link #mayTryAgain}.
   *
   * @param oldestUpdate since when the final status of an egress is awaited that it lists no more,
   *     of several the longest; zero for none
   */
  public Health health(Duration oldestUpdate) {
    if (broken >= 2) {
      return Health.WEDGED;
    }
    return broken == 1 || oldestUpdate.compareTo(UPDATE_WITHIN) > 0
        ? Health.SUSPECT
        : Health.HEALTHY;
  }

  /** Whether a suspect gets one start as a proof, with the others' safety net under it. */
  public boolean mayTryAgain(Duration sinceBroken) {
    Duration wait = Duration.ofSeconds(30L << Math.clamp(broken - 1L, 0, 4));
    return broken == 0 || sinceBroken.compareTo(wait) >= 0;
  }

  /**
   * What a node's bid for a start counts for; 0: it is not chosen.
   *
   * @param affinity as it bids
   * @param ejected it is out of service, as {@link Ejection} limits that
   * @param provesItself it is its turn to show with one start that it is well again
   */
  public static float worth(float affinity, Health health, boolean ejected, boolean provesItself) {
    if (affinity <= 0) {
      return 0;
    }
    return switch (health) {
      case HEALTHY, DRAINING -> affinity;
      case SUSPECT, WEDGED, GONE -> {
        if (provesItself) {
          yield affinity;
        }
        yield ejected ? 0 : affinity * LAST_RESORT;
      }
    };
  }
}
