package io.spillway.bench.incident;

import java.time.Duration;
import java.util.Optional;

/**
 * One fault, as the controller saw it. Durations count from the fault's beginning; empty: never.
 *
 * @param node which of them, from 0
 * @param nodeId its id at that time
 * @param atNanos when it began, on the bench's clock
 * @param noticed until the node was not healthy any more
 * @param outOfService until no start was given to it
 * @param lifted how long the fault was held
 * @param mended until as many nodes as before took work again
 * @param othersSuffered whether another node was taken for ill
 */
public record Episode(
    Fault fault,
    int node,
    String nodeId,
    long atNanos,
    Optional<Duration> noticed,
    Optional<Duration> outOfService,
    Duration lifted,
    Optional<Duration> mended,
    boolean othersSuffered) {
  /** When it was over, on the bench's clock. */
  long overNanos() {
    return atNanos + mended.orElse(Replay.GIVE_UP).toNanos();
  }
}
