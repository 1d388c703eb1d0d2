package io.spillway.store;

import io.spillway.core.fleet.GoNodeId;
import io.spillway.protocol.livekit.EgressStatus;

/**
 * The one rule about statuses: they only go forward. STARTING → ACTIVE → ENDING → one of COMPLETE,
 * FAILED, ABORTED, LIMIT_REACHED; steps may be left out (a failure goes straight to its end, as
 * LiveKit's do). Pure.
 */
public final class StatusOrder {
  /** What a change from one status to another is. */
  public enum Step {
    /** A later status. */
    FORWARD,
    /** The same status with other details, such as a stream's. */
    SAME,
    /** An earlier status, or one that we don't know. */
    BACKWARD,
    /** The egress had ended: whatever comes is refused, also the same status again. */
    AFTER_END
  }

  private StatusOrder() {}

  /** What the change is; {@code from} is the stored status. */
  public static Step step(EgressStatus from, EgressStatus to) {
    if (isFinal(from)) {
      return Step.AFTER_END;
    }
    int difference = Integer.compare(rank(to), rank(from));
    if (difference == 0) {
      return Step.SAME;
    }
    return difference > 0 ? Step.FORWARD : Step.BACKWARD;
  }

  /**
   * What becomes of an update. A repeated report is an old sequence even after the end, so that its
   * sender learns that it is stored; a report without a step in status is taken for its details.
   *
   * @param status as stored, with {@code epoch} and {@code sequence}
   */
  public static Applied judge(EgressStatus status, int epoch, long sequence, StatusUpdate update) {
    if (update.epoch() < epoch) {
      return Applied.OLD_EPOCH;
    }
    if (update.epoch() == epoch && update.sequence() <= sequence) {
      return Applied.OLD_SEQUENCE;
    }
    return switch (step(status, update.info().getStatus())) {
      case FORWARD, SAME -> Applied.ACCEPTED;
      case BACKWARD -> Applied.BACKWARD;
      case AFTER_END -> Applied.ALREADY_FINAL;
    };
  }

  /**
   * Whether another node has reported the epoch under which this one asks to begin, or reports at
   * all if it is a livekit/egress node: those know no epochs and are told apart by who reports.
   *
   * @param node that has reported {@code epoch}, with {@code sequence}; empty: none, or unknown
   */
  public static boolean isTaken(String node, int epoch, long sequence, StatusUpdate update) {
    return (update.begins() || GoNodeId.isOne(update.node()))
        && update.epoch() == epoch
        && sequence > 0
        && !node.isEmpty()
        && !update.node().isEmpty()
        && !node.equals(update.node());
  }

  /** Whether an egress with this status has ended for good. */
  public static boolean isFinal(EgressStatus status) {
    return rank(status) == 3;
  }

  private static int rank(EgressStatus status) {
    return switch (status) {
      case EGRESS_STARTING -> 0;
      case EGRESS_ACTIVE -> 1;
      case EGRESS_ENDING -> 2;
      case EGRESS_COMPLETE, EGRESS_FAILED, EGRESS_ABORTED, EGRESS_LIMIT_REACHED -> 3;
      case UNRECOGNIZED -> -1; // of a later protocol: never stored over one that we know
    };
  }
}
