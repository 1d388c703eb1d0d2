package io.spillway.rpc.bus;

import java.util.random.RandomGenerator;

/**
 * What a memory bus does to messages, for tests: each figure is a chance from 0 to 1, drawn from
 * {@code random} on the reader, so that one seed gives one history.
 *
 * @param loss the message is lost
 * @param repeat it is delivered twice
 * @param reorder it is delivered after the one that follows, whenever that comes
 */
public record MemoryFaults(double loss, double repeat, double reorder, RandomGenerator random) {
  /** A bus that does as it is told. */
  public static MemoryFaults none() {
    return new MemoryFaults(0, 0, 0, () -> 0L);
  }

  boolean loses() {
    return loss > 0 && random.nextDouble() < loss;
  }

  boolean repeats() {
    return repeat > 0 && random.nextDouble() < repeat;
  }

  boolean reorders() {
    return reorder > 0 && random.nextDouble() < reorder;
  }
}
