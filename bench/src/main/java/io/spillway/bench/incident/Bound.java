package io.spillway.bench.incident;

/**
 * How large a share may be of which so few were seen: the upper end of the one-sided 95 % interval
 * of Clopper and Pearson. With none seen it is 1 - 0.05^(1/n), the rule of three: about 3/n.
 */
final class Bound {
  private static final double DOUBT = 0.05;
  private static final int HALVINGS = 60;

  private Bound() {}

  /** The largest share with which at most {@code seen} of {@code count} still has 5 %. */
  static double upper95(int seen, int count) {
    if (seen < 0 || seen > count) {
      throw new IllegalArgumentException(seen + " of " + count);
    }
    if (seen == count) {
      return 1;
    }
    double low = 0;
    double high = 1;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (atMost(seen, count, middle) > DOUBT) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /** The chance of at most {@code seen} of {@code count} when each happens with {@code share}. */
  private static double atMost(int seen, int count, double share) {
    double logOfTerm = count * Math.log1p(-share);
    double sum = Math.exp(logOfTerm);
    for (int k = 1; k <= seen; k++) {
      logOfTerm += Math.log((double) (count - k + 1) / k) + Math.log(share) - Math.log1p(-share);
      sum += Math.exp(logOfTerm);
    }
    return sum;
  }
}
