package io.spillway.bench.meter;

/**
 * What was used between two readings.
 *
 * @param seconds between them
 * @param cpuSeconds of the node, kernel included
 * @param kernelSeconds of the node
 * @param residentBytes and {@code threads} of the node at the second reading
 * @param strangersShare part of all cores, 0 to 1, that processes used which have nothing to do
 *     with the measurement
 */
public record Usage(
    double seconds,
    double cpuSeconds,
    double kernelSeconds,
    long residentBytes,
    int threads,
    double strangersShare) {
  /** Above this the machine was busy with other things, and figures are none. */
  public static final double STRANGERS_MAX = 0.15;

  /** From {@code first} to {@code second}. */
  public static Usage between(Meter.Reading first, Meter.Reading second) {
    double seconds = (second.atNanos() - first.atNanos()) / 1e9;
    long node = second.node().cpuNanos() - first.node().cpuNanos();
    long ours = node + second.companionsCpuNanos() - first.companionsCpuNanos();
    long all = second.machine().busyNanos() - first.machine().busyNanos();
    double capacity = seconds * Math.max(1, second.machine().cores());
    return new Usage(
        seconds,
        node / 1e9,
        (second.node().kernelNanos() - first.node().kernelNanos()) / 1e9,
        second.node().residentBytes(),
        second.node().threads(),
        capacity <= 0 ? 0 : Math.max(0, (all - ours) / 1e9 / capacity));
  }

  /** Whether the machine had other things to do. */
  public boolean machineBusy() {
    return strangersShare > STRANGERS_MAX;
  }

  /** CPU seconds per minute of one of {@code tracks} tracks. */
  public double cpuSecondsPerTrackMinute(int tracks) {
    return cpuSeconds / (tracks * seconds / 60);
  }

  /** The kernel's part of the node's CPU, 0 to 1. */
  public double kernelShare() {
    return cpuSeconds <= 0 ? 0 : kernelSeconds / cpuSeconds;
  }
}
