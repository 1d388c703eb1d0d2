package io.spillway.controller.alert;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.StatusOrder;
import io.spillway.store.TimelineEntry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What became of a start. Pure. */
sealed interface StartOutcome {
  /** A node recorded. */
  record Recorded(long atUnixNanos, Duration latency) implements StartOutcome {}

  /** It was for us to make it succeed, and it didn't. */
  record Failed(long atUnixNanos) implements StartOutcome {}

  /** It could not succeed: its caller named what isn't there, or took it back. */
  record Refused(long atUnixNanos) implements StartOutcome {}

  /** A full fleet answers so: our business, though it is a 4xx. */
  int TOO_MANY = 429;

  /**
   * Judges a start by where it led; empty while nobody can tell.
   *
   * @param timeline of the egress, in order
   */
  static Optional<StartOutcome> of(EgressInfo info, List<TimelineEntry> timeline) {
    if (timeline.isEmpty()) {
      return Optional.empty(); // forgotten meanwhile
    }
    for (TimelineEntry entry : timeline) {
      if (recorded(entry.status())) {
        long took = Math.max(0, entry.atNanos() - timeline.getFirst().atNanos());
        return Optional.of(new Recorded(entry.atNanos(), Duration.ofNanos(took)));
      }
    }
    if (!StatusOrder.isFinal(info.getStatus())) {
      return Optional.empty();
    }
    long at = timeline.getLast().atNanos();
    boolean failed = info.getStatus() == EgressStatus.EGRESS_FAILED;
    return Optional.of(
        failed && !isCallers(info.getErrorCode()) ? new Failed(at) : new Refused(at));
  }

  private static boolean isCallers(int code) {
    return code >= 400 && code < 500 && code != TOO_MANY;
  }

  private static boolean recorded(EgressStatus status) {
    return switch (status) {
      case EGRESS_ACTIVE, EGRESS_ENDING, EGRESS_COMPLETE, EGRESS_LIMIT_REACHED -> true;
      case EGRESS_STARTING, EGRESS_FAILED, EGRESS_ABORTED, UNRECOGNIZED -> false;
    };
  }
}
