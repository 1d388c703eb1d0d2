package io.spillway.node.admission;

import io.spillway.core.fleet.Admission.Limits;
import java.util.OptionalDouble;

/**
 * What the configuration says of costs.
 *
 * @param trackCores LiveKit's {@code track_cpu_cost}; empty: the cost is learnt
 * @param memoryBytesPerStart LiveKit's {@code memory_cost} in bytes
 */
public record CostSettings(Limits limits, OptionalDouble trackCores, long memoryBytesPerStart) {
  /** 80 % of the cores, no memory limit, costs learnt. */
  public static CostSettings defaults() {
    return new CostSettings(new Limits(0.8, 0, 0), OptionalDouble.empty(), 0);
  }
}
