package io.spillway.node.recorder;

import io.spillway.storage.spool.Part;
import java.time.Duration;
import java.util.List;

/** How long and how large a recording may get; zero: no limit. */
record Limits(Duration duration, long bytes) {
  /**
   * What is left of them for a further part: of the time since the first part began, gaps included,
   * and of the bytes of all. Never zero where it wasn't.
   */
  Limits after(List<Part> earlier, long unixNanos) {
    long begun =
        earlier.stream()
            .filter(Part::hasMedia)
            .mapToLong(part -> part.file().startedAtNanos())
            .min()
            .orElse(unixNanos);
    long used = earlier.stream().mapToLong(part -> part.file().bytes()).sum();
    long left = Math.max(1, duration.toNanos() - Math.max(0, unixNanos - begun));
    return new Limits(
        duration.isZero() ? duration : Duration.ofNanos(left),
        bytes == 0 ? 0 : Math.max(1, bytes - used));
  }
}
