package io.spillway.node.admission;

import io.spillway.core.fleet.Admission.Cost;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What one more recording of a kind is expected to need, learnt from what all of them use: an
 * average over about a minute. Only their sum can be measured, so it is shared out in proportion to
 * what each kind was believed to cost. What the process uses with nobody to record is not theirs.
 *
 * <p>A few recordings say little: beside one audio track a young JVM compiles at twenty times the
 * cost of the track itself, and a burst of starts would be refused for it. So the first guess has a
 * say of {@link #GUESS_COUNTS_AS} recordings. Not thread-safe.
 */
final class LearntCosts {
  private static final double AVERAGE_SECONDS = 60;
  private static final int GUESS_COUNTS_AS = 20;

  private final Map<Kind, Double> cores = new EnumMap<>(Kind.class);
  private final Map<Kind, Double> bytes = new EnumMap<>(Kind.class);
  private double idleCores;
  private double idleBytes;

  LearntCosts() {
    for (Kind kind : Kind.values()) {
      cores.put(kind, kind.firstGuess().cores());
      bytes.put(kind, (double) kind.firstGuess().memoryBytes());
    }
  }

  Cost of(Kind kind) {
    return new Cost(cores.getOrDefault(kind, 0.0), bytes.getOrDefault(kind, 0.0).longValue());
  }

  /** What the process used for some seconds while it recorded nothing. */
  void idle(double processCores, long processBytes, double seconds) {
    idleCores += (processCores - idleCores) * Gate.weight(seconds, AVERAGE_SECONDS);
    idleBytes = processBytes; // a heap doesn't shrink by itself: its newest size is the start
  }

  /**
   * What the process used for some seconds while it recorded.
   *
   * @param counts recordings by kind, at least one
   */
  void busy(double processCores, long processBytes, Map<Kind, Integer> counts, double seconds) {
    learn(cores, Math.max(0, processCores - idleCores), counts, seconds, Cost::cores);
    learn(bytes, Math.max(0, processBytes - idleBytes), counts, seconds, Cost::memoryBytes);
  }

  private static void learn(
      Map<Kind, Double> learnt,
      double used,
      Map<Kind, Integer> counts,
      double seconds,
      ToDoubleFunction<Cost> figure) {
    double believed = 0;
    for (var count : counts.entrySet()) {
      believed += count.getValue() * learnt.getOrDefault(count.getKey(), 0.0);
    }
    for (var count : counts.entrySet()) {
      Kind kind = count.getKey();
      double each = learnt.getOrDefault(kind, 0.0);
      double share = believed > 0 ? used * count.getValue() * each / believed : 0;
      double guess = figure.applyAsDouble(kind.firstGuess());
      double now = (share + GUESS_COUNTS_AS * guess) / (count.getValue() + GUESS_COUNTS_AS);
      learnt.put(kind, each + (now - each) * Gate.weight(seconds, AVERAGE_SECONDS));
    }
  }
}
