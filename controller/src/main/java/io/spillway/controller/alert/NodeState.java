package io.spillway.controller.alert;

import io.spillway.core.fleet.Health;
import java.time.Duration;
import java.util.Optional;

/**
 * A node as people and rules see it.
 *
 * @param kind {@code spillway} or {@code go}
 * @param region empty: none given
 * @param reason why it has this health; may be empty
 * @param leaseAge since it was last heard over its lease; empty where it sends none
 * @param canaryAge since a canary last came back; empty where none is sent
 * @param canaryMisses in a row
 * @param oldestStatus the age of the oldest status that nobody has acknowledged
 * @param load what it does and may do
 * @param takesWork whether a start would be given to it now
 */
public record NodeState(
    String id,
    String kind,
    String region,
    String version,
    Health health,
    String reason,
    Optional<Duration> leaseAge,
    Optional<Duration> canaryAge,
    int canaryMisses,
    Duration oldestStatus,
    Load load,
    boolean takesWork) {
  /**
   * What a node does and what it may do.
   *
   * @param busyCores in use by anybody on the machine, reservations included
   * @param maxCpuShare of the cores that may be in use, 0 to 1
   * @param memoryLimitBytes 0: none
   * @param slots recordings at once; 0: no such limit
   */
  public record Load(
      double cores,
      double busyCores,
      double maxCpuShare,
      long memoryBytes,
      long memoryLimitBytes,
      int recordings,
      int slots) {
    /** How full it is by whatever is scarcest; 1 is full. */
    public double fullness() {
      double cpu = cores <= 0 || maxCpuShare <= 0 ? 0 : busyCores / (cores * maxCpuShare);
      double memory = memoryLimitBytes <= 0 ? 0 : (double) memoryBytes / memoryLimitBytes;
      double taken = slots <= 0 ? 0 : (double) recordings / slots;
      return Math.max(cpu, Math.max(memory, taken));
    }
  }
}
