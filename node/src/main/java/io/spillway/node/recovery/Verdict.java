package io.spillway.node.recovery;

import io.spillway.protocol.livekit.EgressStatus;
import java.util.Optional;

/** What becomes of an egress whose node died. Pure. */
enum Verdict {
  /** Its end is told already, or on its way: only traces are left. */
  FORGET,
  /**
   * It was ending, by a stop or with its track: its file is whole now, it ends as it would have.
   */
  COMPLETE,
  /** Its track is tried again; it goes on as the next part if it is still there. */
  CONTINUE,
  /** Nobody knows its request any more: it ends as lost. */
  GIVE_UP;

  /**
   * Decides.
   *
   * @param known the newest status that is known: stored with whoever keeps it, or left in the
   *     node's journal
   * @param requestKept whether the spool still has the request
   */
  static Verdict of(Optional<EgressStatus> known, boolean requestKept) {
    return switch (known.orElse(EgressStatus.EGRESS_ACTIVE)) {
      case EGRESS_COMPLETE, EGRESS_FAILED, EGRESS_ABORTED, EGRESS_LIMIT_REACHED -> FORGET;
      case EGRESS_ENDING -> COMPLETE;
      case EGRESS_STARTING, EGRESS_ACTIVE, UNRECOGNIZED -> requestKept ? CONTINUE : GIVE_UP;
    };
  }
}
