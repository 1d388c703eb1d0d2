package io.spillway.core.fleet;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a node can take one more egress: what it is measured to use, plus a reservation for each
 * start that is too young to show in the measurement. As LiveKit's, its limit is of what the node
 * itself uses: a start that is refused because of neighbours would help none of them.
 *
 * <p>Differs from livekit/egress (pkg/stats/monitor.go) on purpose: LiveKit reserves a fixed 0.5
 * core for a track, though passthrough costs a hundredth of that, so a node of four cores refuses
 * its seventh track. Here the cost of a kind is learnt from what its recordings used, unless the
 * configuration sets it; then it is honoured to the letter.
 */
public final class Admission {
  private Admission() {}

  /**
   * What the node does now.
   *
   * @param cores the machine has
   * @param busyCores in use by this process, averaged over some seconds
   * @param processMemoryBytes resident memory of this process
   * @param recordings under way
   * @param reservedCores held for starts not measured yet
   * @param reservedMemoryBytes likewise
   */
  public record Load(
      double cores,
      double busyCores,
      long processMemoryBytes,
      int recordings,
      double reservedCores,
      long reservedMemoryBytes) {}

  /**
   * What the operator allows.
   *
   * @param maxCpuUtilization share of the cores that the node may use after the start, LiveKit's
   *     {@code max_cpu_utilization}; 1 or more switches the check off
   * @param maxMemoryBytes of the process, LiveKit's {@code max_memory}; 0 switches the check off
   * @param maxRecordings at once; 0 for no such limit
   */
  public record Limits(double maxCpuUtilization, long maxMemoryBytes, int maxRecordings) {}

  /** What one more egress of a kind is expected to need. */
  public record Cost(double cores, long memoryBytes) {}

  /** What a node has too little of. */
  public enum Shortage {
    SLOTS("not enough slots: "),
    CPU("not enough CPU: "),
    MEMORY("not enough memory: ");

    private final String words;

    Shortage(String words) {
      this.words = words;
    }

    /** What a node's refusal names; empty: it is about something else. */
    public static Optional<Shortage> in(String refusal) {
      return Arrays.stream(values()).filter(what -> refusal.startsWith(what.words)).findFirst();
    }
  }

  /**
   * What is missing for one more egress; empty: the node can take it. A node without recordings is
   * not refused for CPU, as LiveKit's isn't.
   */
  public static Optional<Shortage> shortage(Load load, Limits limits, Cost cost) {
    if (limits.maxRecordings() > 0 && load.recordings() >= limits.maxRecordings()) {
      return Optional.of(Shortage.SLOTS);
    }
    double wanted = load.busyCores() + load.reservedCores() + cost.cores();
    if (limits.maxCpuUtilization() < 1
        && load.recordings() > 0
        && wanted > allowedCores(load, limits)) {
      return Optional.of(Shortage.CPU);
    }
    if (limits.maxMemoryBytes() > 0 && wantedMemory(load, cost) > limits.maxMemoryBytes()) {
      return Optional.of(Shortage.MEMORY);
    }
    return Optional.empty();
  }

  /**
   * The share of the node that is in use, from 0: of its cores, its memory or its slots, whichever
   * is scarcest. Two nodes are compared by it.
   */
  public static double fullness(Load load, Limits limits) {
    double cores = (load.busyCores() + load.reservedCores()) / Math.max(1e-9, load.cores());
    double memory =
        limits.maxMemoryBytes() == 0
            ? 0
            : (double) (load.processMemoryBytes() + load.reservedMemoryBytes())
                / limits.maxMemoryBytes();
    double slots =
        limits.maxRecordings() == 0 ? 0 : (double) load.recordings() / limits.maxRecordings();
    return Math.max(cores, Math.max(memory, slots));
  }

  /** The reason to refuse, for people; empty: the node can take it. */
  public static Optional<String> refusal(Load load, Limits limits, Cost cost) {
    return shortage(load, limits, cost).map(what -> words(what, load, limits, cost));
  }

  private static String words(Shortage what, Load load, Limits limits, Cost cost) {
    return what.words
        + switch (what) {
          case SLOTS -> load.recordings() + " of " + limits.maxRecordings() + " in use";
          case CPU ->
              String.format(
                  Locale.ROOT,
                  "%.2f of %.2f cores in use, %.2f reserved, %.2f needed",
                  load.busyCores(),
                  allowedCores(load, limits),
                  load.reservedCores(),
                  cost.cores());
          case MEMORY ->
              (wantedMemory(load, cost) >> 20)
                  + " MiB needed, "
                  + (limits.maxMemoryBytes() >> 20)
                  + " MiB allowed";
        };
  }

  private static double allowedCores(Load load, Limits limits) {
    return load.cores() * limits.maxCpuUtilization();
  }

  private static long wantedMemory(Load load, Cost cost) {
    return load.processMemoryBytes() + load.reservedMemoryBytes() + cost.memoryBytes();
  }
}
