package io.spillway.bench.meter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process has used so far, by the kernel's books (proc(5)).
 *
 * @param userNanos CPU time in the process's own code, all threads, garbage collection and
 *     compilation included
 * @param kernelNanos CPU time in system calls: sockets and files
 * @param residentBytes memory that is really there
 */
public record ProcessUsage(long userNanos, long kernelNanos, long residentBytes, int threads) {
  /** USER_HZ is 100 on every Linux that Java runs on. */
  static final long NANOS_PER_TICK = 10_000_000;

  // Fields 14 and 15 of /proc/PID/stat; what follows the name's bracket begins with field 3.
  private static final int USER_FIELD = 14 - 3;
  private static final int KERNEL_FIELD = 15 - 3;

  /** The process's figures of now; {@code proc} is /proc. */
  public static ProcessUsage of(Path proc, long pid) throws IOException {
    Path own = proc.resolve(Long.toString(pid));
    return parse(Files.readString(own.resolve("stat")), Files.readString(own.resolve("status")));
  }

  static ProcessUsage parse(String stat, String status) {
    // The program's name stands in brackets and may itself hold blanks and brackets.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return new ProcessUsage(
        Long.parseLong(fields[USER_FIELD]) * NANOS_PER_TICK,
        Long.parseLong(fields[KERNEL_FIELD]) * NANOS_PER_TICK,
        number(status, "VmRSS") * 1024,
        Math.toIntExact(number(status, "Threads")));
  }

  private static long number(String status, String key) {
    return status
        .lines()
        .filter(line -> line.startsWith(key + ":"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no " + key + " in: " + status));
  }

  /** Both kinds of CPU time. */
  public long cpuNanos() {
    return userNanos + kernelNanos;
  }
}
