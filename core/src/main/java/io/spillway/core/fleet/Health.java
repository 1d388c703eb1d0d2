package io.spillway.core.fleet;

import java.time.Duration;

/**
 * How well a node is, judged from outside over two ways that don't share a wire: its leases (HTTP)
 * and the canaries (psrpc).
 *
 * <pre>
 * leases  canary            health
 * gone    failed, unproven  GONE      nobody hears it
 * gone    answers           WEDGED    half of it is stuck
 * come    failed            WEDGED    the other half is stuck
 * come    answers           WEDGED    when its oldest status waits too long, else
 *                           DRAINING  when it says so, else
 *                           SUSPECT   a lease is late, canaries were missed, a status waits, else
 *                           HEALTHY
 * come    unproven          DRAINING or SUSPECT: gets no work before its first canary
 * </pre>
 */
public enum Health {
  HEALTHY,
  SUSPECT,
  WEDGED,
  DRAINING,
  GONE;

  /**
   * What is known of a node.
   *
   * @param leaseAge since the last lease came, by the judge's own monotonic clock
   * @param canary what the canaries have shown
   * @param oldestStatus the age of the oldest status that nobody acknowledged, as the node says
   * @param draining the node says that it takes no more work
   */
  public record Signs(Duration leaseAge, Canary canary, Duration oldestStatus, boolean draining) {}

  /**
   * From when on a sign is bad.
   *
   * @param leaseLate one lease was missed
   * @param leaseLost the node counts as silent on this way
   * @param missesSuspect canaries missed in a row
   * @param statusLate a status waits longer than a healthy status client needs
   * @param statusStuck the status client is broken
   */
  public record Rules(
      Duration leaseLate,
      Duration leaseLost,
      int missesSuspect,
      Duration statusLate,
      Duration statusStuck) {
    /** For leases every 2 s and canaries every second. */
    public static Rules usual() {
      return new Rules(
          Duration.ofMillis(3500),
          Duration.ofSeconds(6),
          2,
          Duration.ofSeconds(
              7), // a status call waits 5 s for its answer: one lost reply is no sign
          Duration.ofSeconds(12));
    }
  }

  /** Judges a node. */
  public static Health of(Signs signs, Rules rules) {
    boolean leases = signs.leaseAge().compareTo(rules.leaseLost()) <= 0;
    Canary.State canary = signs.canary().state();
    if (!leases) {
      return canary == Canary.State.GOOD ? WEDGED : GONE;
    }
    if (canary == Canary.State.FAILED || exceeds(signs.oldestStatus(), rules.statusStuck())) {
      return WEDGED;
    }
    if (signs.draining()) {
      return DRAINING;
    }
    boolean doubtful =
        canary == Canary.State.UNPROVEN
            || signs.canary().misses() >= rules.missesSuspect()
            || exceeds(signs.leaseAge(), rules.leaseLate())
            || exceeds(signs.oldestStatus(), rules.statusLate());
    return doubtful ? SUSPECT : HEALTHY;
  }

  private static boolean exceeds(Duration age, Duration limit) {
    return age.compareTo(limit) > 0;
  }

  /** Whether the node is heard on at least one of the two ways. */
  public static boolean answers(Signs signs, Rules rules) {
    return signs.leaseAge().compareTo(rules.leaseLost()) <= 0
        || signs.canary().state() == Canary.State.GOOD;
  }
}
