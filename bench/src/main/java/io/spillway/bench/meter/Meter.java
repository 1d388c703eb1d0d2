package io.spillway.bench.meter;

import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** Reads the books of the node under test, of our other processes, and of the machine. */
public final class Meter {
  private final Path proc;
  private final TimeSource time;
  private final long node;
  private final List<Long> companions;

  /**
   * For one node.
   *
   * @param proc /proc
   * @param companions processes that belong to the measurement and aren't measured: server,
   *     publisher, bench
   */
  public Meter(Path proc, TimeSource time, long node, List<Long> companions) {
    this.proc = proc;
    this.time = time;
    this.node = node;
    this.companions = List.copyOf(companions);
  }

  /** All books at one moment. */
  public record Reading(
      long atNanos, ProcessUsage node, long companionsCpuNanos, MachineUsage machine) {}

  /** Reads now. */
  public Reading read() {
    try {
      ProcessUsage measured = ProcessUsage.of(proc, node);
      long others = 0;
      for (long pid : companions) {
        others += ProcessUsage.of(proc, pid).cpuNanos();
      }
      return new Reading(time.nanos(), measured, others, MachineUsage.of(proc));
    } catch (IOException gone) {
      throw new UncheckedIOException("a process of the bench is gone: " + gone.getMessage(), gone);
    }
  }
}
