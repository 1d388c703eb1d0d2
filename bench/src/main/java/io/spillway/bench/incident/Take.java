package io.spillway.bench.incident;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One start and what became of it.
 *
 * @param askedNanos when, on the bench's clock
 * @param askedAt when, Unix nanoseconds
 * @param answered how long the answer took
 * @param egressId empty: it failed
 * @param failure why it failed; empty: it didn't
 * @param node that had it when its stop was asked for
 * @param epoch likewise; 1: no other node had it before
 * @param stopAsked when, Unix nanoseconds
 * @param stops how often that had to be asked
 * @param overNanos when it was over, on the bench's clock
 * @param end its final status; empty: none came
 */
record Take(
    long askedNanos,
    long askedAt,
    Duration answered,
    String egressId,
    String failure,
    String node,
    int epoch,
    long stopAsked,
    int stops,
    long overNanos,
    Optional<EgressInfo> end) {
  /** Between a stop that is asked for and a recording that ends, by the network and the reorder. */
  private static final long EDGE_NANOS = Duration.ofMillis(500).toNanos();

  /** From the answer to the first frame on a busy machine, a fence and a second node included. */
  private static final long BEGIN_NANOS = Duration.ofSeconds(3).toNanos();

  static Take failed(long askedNanos, long askedAt, Duration answered, String why) {
    return new Take(
        askedNanos,
        askedAt,
        answered,
        "",
        why,
        "",
        0,
        0,
        0,
        askedNanos + answered.toNanos(),
        Optional.empty());
  }

  boolean isFailed() {
    return !failure.isEmpty();
  }

  boolean lacksEnd() {
    return !isFailed() && end.isEmpty();
  }

  /** It has an end, and not the one that it was to have. */
  boolean endedBadly() {
    return end.map(info -> info.getStatus() != EgressStatus.EGRESS_COMPLETE).orElse(false);
  }

  /** In several parts, or without its beginning, or over before anybody asked for it. */
  boolean isCut() {
    if (end.isEmpty()) {
      return false;
    }
    List<FileInfo> files = end.get().getFileResultsList();
    if (files.size() != 1 || !hasBeginning()) {
      return true;
    }
    FileInfo file = files.getFirst();
    return file.getStartedAt() + file.getDuration() + EDGE_NANOS < stopAsked;
  }

  /** Whether its files begin where it began. */
  boolean hasBeginning() {
    long first =
        end.map(info -> info.getFileResultsList()).orElse(List.of()).stream()
            .mapToLong(FileInfo::getStartedAt)
            .min()
            .orElse(Long.MAX_VALUE);
    return first <= askedAt + answered.toNanos() + BEGIN_NANOS;
  }

  /** Another node, or another life of its node, went on with it. */
  boolean wentOn() {
    return end.map(info -> info.getRetryCount() > 0).orElse(false);
  }

  boolean overlaps(long fromNanos, long untilNanos) {
    return askedNanos <= untilNanos && overNanos >= fromNanos;
  }
}
