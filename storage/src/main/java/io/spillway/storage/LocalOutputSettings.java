package io.spillway.storage;

import java.nio.file.Path;
import java.util.List;

/**
 * What the operator says about local files.
 *
 * @param workingFolder that relative paths start from; LiveKit's is the process's own
 * @param roots {@code local_output_roots}: files may lie only under these; empty means anywhere the
 *     process may write, as with LiveKit
 * @param disallowed {@code disallow_local_storage}
 * @param minFreeBytes {@code min_free_disk}: no output begins with less than this left
 */
public record LocalOutputSettings(
    Path workingFolder, List<Path> roots, boolean disallowed, long minFreeBytes) {
  /** Copies the list. */
  public LocalOutputSettings {
    roots = List.copyOf(roots);
  }
}
