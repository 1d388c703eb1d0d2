package io.spillway.core.alert;

/** How many events of a window were good and how many bad. */
public record Tally(long good, long bad) {
  /** Checks that nothing is negative. */
  public Tally {
    if (good < 0 || bad < 0) {
      throw new IllegalArgumentException("counts can't be negative: " + good + ", " + bad);
    }
  }

  /** All events. */
  public long total() {
    return good + bad;
  }

  /** The bad ones' share, 0 to 1; 0 when nothing happened. */
  public double badShare() {
    return total() == 0 ? 0 : (double) bad / total();
  }
}
