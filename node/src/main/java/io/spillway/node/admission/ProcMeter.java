package io.spillway.node.admission;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Linux's own figures, of the container where one limits the CPU (cgroup v2 {@code cpu.max}, {@code
 * cpu.stat}), else of the machine: {@code /proc/stat} for the machine, {@code /proc/self/stat} and
 * {@code /proc/self/status} for this process (proc(5)).
 */
public final class ProcMeter implements MachineMeter {
  /** USER_HZ, fixed to 100 in the kernel's interface to user space. */
  private static final long NANOS_PER_TICK = 10_000_000L;

  private static final Pattern SPACES = Pattern.compile("\\s+");
  private final Path proc;
  private final Path cgroup;

  /**
   * Reads below {@code proc}, usually {@code /proc}, and {@code cgroup}, usually {@code
   * /sys/fs/cgroup}.
   */
  public ProcMeter(Path proc, Path cgroup) {
    this.proc = proc;
    this.cgroup = cgroup;
  }

  @Override
  public Reading read() {
    try {
      return new Reading(
          Runtime.getRuntime().availableProcessors(),
          isCpuLimited() ? containerBusyNanos() : machineBusyNanos(),
          processCpuNanos(),
          residentBytes());
    } catch (IOException failure) {
      throw new UncheckedIOException("could not read the machine's load from " + proc, failure);
    }
  }

  /**
   * Whether this container has a CPU quota: then {@code availableProcessors} counts that, and so
   * must the load.
   */
  private boolean isCpuLimited() throws IOException {
    Path limit = cgroup.resolve("cpu.max");
    return Files.exists(limit) && !Files.readString(limit).startsWith("max");
  }

  private long containerBusyNanos() throws IOException {
    for (String line : Files.readAllLines(cgroup.resolve("cpu.stat"))) {
      if (line.startsWith("usage_usec")) {
        return Long.parseLong(words(line).get(1)) * 1000;
      }
    }
    throw new IOException("no usage_usec in " + cgroup.resolve("cpu.stat"));
  }

  private long machineBusyNanos() throws IOException {
    List<String> words = words(Files.readAllLines(proc.resolve("stat")).getFirst());
    // cpu user nice system idle iowait irq softirq steal: all but idle and iowait
    long ticks = 0;
    for (int column = 1; column <= 8; column++) {
      if (column != 4 && column != 5) {
        ticks += Long.parseLong(words.get(column));
      }
    }
    return ticks * NANOS_PER_TICK;
  }

  private long processCpuNanos() throws IOException {
    String line = Files.readString(proc.resolve("self/stat"));
    // the command's name may hold spaces: fields are counted from the last ')'; utime and stime are
    // fields 14 and 15
    List<String> words = words(line.substring(line.lastIndexOf(')') + 2));
    return (Long.parseLong(words.get(11)) + Long.parseLong(words.get(12))) * NANOS_PER_TICK;
  }

  private long residentBytes() throws IOException {
    for (String line : Files.readAllLines(proc.resolve("self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(words(line).get(1)) << 10;
      }
    }
    return 0;
  }

  private static List<String> words(String line) {
    return SPACES.splitAsStream(line.strip()).toList();
  }
}
