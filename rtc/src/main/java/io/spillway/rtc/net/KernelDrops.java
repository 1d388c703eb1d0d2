package io.spillway.rtc.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Datagrams that the kernel threw away because a socket's receive buffer was full: the loss that no
 * network causes and that only a larger buffer or a faster reader mends. Read from Linux's {@code
 * /proc/net/udp}, where the last column counts them per socket; elsewhere nothing is known. Costs a
 * pass over all UDP sockets of the machine: sample it, never per packet.
 */
public final class KernelDrops {
  private static final int LOCAL_ADDRESS = 1;
  private static final int COLUMNS = 13;

  private final List<Path> tables;

  /** Reads the tables of this process's network namespace. */
  public KernelDrops() {
    this(List.of(Path.of("/proc/self/net/udp"), Path.of("/proc/self/net/udp6")));
  }

  KernelDrops(List<Path> tables) {
    this.tables = List.copyOf(tables);
  }

  /** Drops by local port, for sockets that are open now; empty where the kernel doesn't tell. */
  public Map<Integer, Long> byLocalPort() {
    Map<Integer, Long> drops = new HashMap<>();
    tables.forEach(table -> parse(lines(table), drops));
    return drops;
  }

  private static List<String> lines(Path table) {
    try {
      return Files.readAllLines(table, StandardCharsets.US_ASCII);
    } catch (IOException notLinux) {
      return List.of(); // no such table here: one address family only, or no Linux
    }
  }

  static void parse(List<String> lines, Map<Integer, Long> drops) {
    for (String line : lines) {
      String[] columns = line.strip().split("\\s+", -1);
      boolean isSocket = columns.length >= COLUMNS && columns[LOCAL_ADDRESS].indexOf(':') > 0;
      String last = columns[columns.length - 1];
      if (isSocket && last.chars().allMatch(Character::isDigit)) {
        String local = columns[LOCAL_ADDRESS];
        int port = Integer.parseInt(local.substring(local.indexOf(':') + 1), 16);
        drops.merge(port, Long.parseLong(last), Long::sum);
      }
    }
  }
}
