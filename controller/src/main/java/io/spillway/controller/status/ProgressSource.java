package io.spillway.controller.status;

import java.util.Map;

/** Tells how far running egresses have come, as far as their nodes have said. Thread-safe. */
@FunctionalInterface
public interface ProgressSource {
  /** Egress id to its progress, at this moment; ended ones are absent. Must not block. */
  Map<String, Progress> progress();

  /** Knows nothing. */
  static ProgressSource none() {
    return Map::of;
  }

  /**
   * How far an egress has come.
   *
   * @param seconds of media written
   * @param bytes written to its outputs
   */
  record Progress(double seconds, long bytes) {}
}
