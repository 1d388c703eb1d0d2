package io.spillway.node.admission;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the container uses by the kernel's account: the figure that the kernel kills by. It counts
 * the page cache of files that are written, so that a node that records much comes near its limit
 * without harm; admission goes by the process's own memory therefore.
 */
public final class CgroupMemory {
  /** cgroup v2, then v1 as livekit/egress reads it too. */
  private static final List<String> FILES =
      List.of("memory.current", "memory/memory.usage_in_bytes");

  private final Path cgroup;

  /** Reads below {@code cgroup}, usually {@code /sys/fs/cgroup}. */
  public CgroupMemory(Path cgroup) {
    this.cgroup = cgroup;
  }

  /** Bytes in use now; empty where there is no container, or the kernel doesn't tell. */
  public OptionalLong bytes() {
    return FILES.stream()
        .map(file -> read(cgroup.resolve(file)))
        .filter(OptionalLong::isPresent)
        .findFirst()
        .orElse(OptionalLong.empty());
  }

  private static OptionalLong read(Path file) {
    try {
      return OptionalLong.of(Long.parseLong(Files.readString(file).strip()));
    } catch (IOException | NumberFormatException notTold) {
      return OptionalLong.empty();
    }
  }
}
