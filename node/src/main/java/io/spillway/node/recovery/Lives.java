package io.spillway.node.recovery;

import io.spillway.storage.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The ids that the node had in its earlier processes, the oldest first, one a line in {@code lives}
 * beside the spool. By them a controller knows whose egress it is that a restarted node asks for.
 * Written before the first question: also a process that was given an egress and died before its
 * spool said so is known to the next one.
 */
public final class Lives {
  /** Beyond this the oldest are forgotten. */
  static final int MOST = 64;

  private Lives() {}

  /**
   * Adds this process's id; those before it.
   *
   * @throws UncheckedIOException when the folder can't be read or written
   */
  public static List<String> begin(Path data, String nodeId) {
    Path file = data.resolve("lives");
    try {
      List<String> earlier = Files.exists(file) ? ids(file) : List.of();
      List<String> all = new ArrayList<>(earlier);
      all.remove(nodeId);
      List<String> before = List.copyOf(all);
      all.add(nodeId);
      write(file, all.subList(Math.max(0, all.size() - MOST), all.size()));
      return before;
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "could not keep the node's id in " + file + ", it does not start", failure);
    }
  }

  private static List<String> ids(Path file) throws IOException {
    return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  private static void write(Path file, List<String> ids) throws IOException {
    String lines = String.join("\n", ids) + "\n";
    AtomicFile.write(file, lines.getBytes(StandardCharsets.UTF_8));
  }
}
