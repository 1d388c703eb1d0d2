package io.spillway.core.alert;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * One pair of windows of a burn-rate rule: it burns when the budget is spent at {@code rate} times
 * its speed in both. The long window keeps a moment's bad luck from calling anyone, the short one
 * ends the alert soon after the trouble (the Site Reliability Workbook, "Alerting on SLOs",
 * multiwindow, multi-burn-rate; its windows are longer, because ours must fire within 15 s).
 *
 * <p>Shares of few events say nothing: it takes three bad ones in the long window, whatever their
 * share. So one failed start of one at night calls nobody.
 */
public record Burn(Duration longWindow, Duration shortWindow, double rate, Severity severity) {
  /** Bad events below which nothing burns. */
  public static final int FEWEST_BAD = 3;

  /**
   * Fast: with every start failing it fires within five seconds of the third, with one in three
   * failing within 15 s (at a start a second). Middle: 2 % failing for some minutes, as in a wedged
   * part of a fleet. Slow: the budget is missed for hours.
   */
  public static final List<Burn> USUAL =
      List.of(
          new Burn(Duration.ofMinutes(1), Duration.ofSeconds(15), 14.4, Severity.CRITICAL),
          new Burn(Duration.ofMinutes(10), Duration.ofMinutes(1), 3, Severity.CRITICAL),
          new Burn(Duration.ofHours(6), Duration.ofMinutes(30), 1, Severity.WARNING));

  /** Checks the windows' order. */
  public Burn {
    if (shortWindow.compareTo(longWindow) >= 0 || rate <= 0) {
      throw new IllegalArgumentException("need short < long and a rate above 0");
    }
  }

  /**
   * Whether it burns.
   *
   * @param counts the events of a window
   * @param budget the share of bad events that is allowed, 0 to 1
   */
  public boolean burns(Function<Duration, Tally> counts, double budget) {
    Tally whole = counts.apply(longWindow);
    double limit = rate * budget;
    return whole.bad() >= FEWEST_BAD
        && whole.badShare() >= limit
        && counts.apply(shortWindow).badShare() >= limit;
  }
}
