package io.spillway.bench.meter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What all processes of the machine have used so far (/proc/stat).
 *
 * @param busyNanos CPU time of user code, system calls and what the hypervisor took away, over all
 *     cores. Interrupts are left out: here they are mostly the packets of our own processes, and
 *     /proc/PID books them under nobody
 */
public record MachineUsage(long busyNanos, int cores) {
  /** The machine's figures of now; {@code proc} is /proc. */
  public static MachineUsage of(Path proc) throws IOException {
    return parse(Files.readString(proc.resolve("stat")));
  }

  static MachineUsage parse(String stat) {
    String[] all = stat.lines().findFirst().orElse("").trim().split(" +", -1);
    if (!all[0].equals("cpu") || all.length < 9) {
      throw new IllegalArgumentException("/proc/stat begins with: " + String.join(" ", all));
    }
    // cpu user nice system idle iowait irq softirq steal
    long ticks =
        Long.parseLong(all[1])
            + Long.parseLong(all[2])
            + Long.parseLong(all[3])
            + Long.parseLong(all[8]);
    long cores = stat.lines().filter(line -> line.matches("cpu\\d+ .*")).count();
    return new MachineUsage(ticks * ProcessUsage.NANOS_PER_TICK, Math.toIntExact(cores));
  }
}
