package io.spillway.bench.meter;

import java.util.List;

/** A row of measured values, by rank: {@code p99} is the smallest that 99 % don't exceed. */
public record Quantiles(int count, double min, double p50, double p90, double p99, double max) {
  /** Of these values, in any order. */
  public static Quantiles of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values");
    }
    List<Double> sorted = values.stream().sorted().toList();
    return new Quantiles(
        sorted.size(),
        sorted.getFirst(),
        rank(sorted, 0.5),
        rank(sorted, 0.9),
        rank(sorted, 0.99),
        sorted.getLast());
  }

  private static double rank(List<Double> sorted, double share) {
    int place = (int) Math.ceil(share * sorted.size());
    return sorted.get(Math.max(0, place - 1));
  }
}
