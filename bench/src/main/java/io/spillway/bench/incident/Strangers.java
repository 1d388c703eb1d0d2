package io.spillway.bench.incident;

import io.spillway.bench.meter.MachineUsage;
import io.spillway.bench.meter.ProcessUsage;
import io.spillway.bench.meter.Usage;
import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What share of the machine others used, while our own processes come and go: of one that is gone
 * the last reading counts. For one thread.
 */
final class Strangers {
  private static final Path PROC = Path.of("/proc");

  private final TimeSource time;
  private final long beganNanos;
  private final long busyBefore;
  private final Map<Long, Long> first = new HashMap<>();
  private final Map<Long, Long> last = new HashMap<>();

  /** From now on. */
  Strangers(TimeSource time, List<Long> ours) throws IOException {
    this.time = time;
    this.beganNanos = time.nanos();
    this.busyBefore = MachineUsage.of(PROC).busyNanos();
    for (long pid : ours) {
      first.put(pid, ProcessUsage.of(PROC, pid).cpuNanos());
    }
  }

  /** Reads the processes that are ours now. */
  void read(List<Long> ours) {
    for (long pid : ours) {
      try {
        last.put(pid, ProcessUsage.of(PROC, pid).cpuNanos());
      } catch (IOException gone) {
        // Its last reading stands.
      }
    }
  }

  /** Others' share of all cores since the beginning, 0 to 1. */
  double share() throws IOException {
    MachineUsage now = MachineUsage.of(PROC);
    long ours = 0;
    for (var each : last.entrySet()) {
      ours += each.getValue() - first.getOrDefault(each.getKey(), 0L);
    }
    double capacity = (double) (time.nanos() - beganNanos) * Math.max(1, now.cores());
    return Math.max(0, (now.busyNanos() - busyBefore - ours) / Math.max(1, capacity));
  }

  /** Whether that is too much for a verdict on times. */
  static boolean tooMuch(double share) {
    return share > Usage.STRANGERS_MAX;
  }
}
