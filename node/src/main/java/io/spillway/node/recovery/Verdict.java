package io.spillway.node.recovery;

import io.spillway.protocol.livekit.EgressStatus;
import java.util.Optional;

/** What becomes of an egress whose node died. Pure. */
enum Verdict {
  /** Its end is stored already: only traces are left. */
  FORGET,
  /** It had been told to end: its file is whole now, it is complete. */
  COMPLETE,
  /** Its track is tried again; it goes on as the next part if it is still there. */
  CONTINUE,
  /** Nobody knows its request any more: it ends as lost. */
  GIVE_UP;

  /**
   * Decides.
   *
   * @param stored the status that is stored, if whoever keeps it knows the egress
   * @param requestKept whether the spool still has the request
   */
  static Verdict of(Optional<EgressStatus> stored, boolean requestKept) {
    return switch (stored.orElse(EgressStatus.EGRESS_ACTIVE)) {
      case EGRESS_COMPLETE, EGRESS_FAILED, EGRESS_ABORTED, EGRESS_LIMIT_REACHED -> FORGET;
      case EGRESS_ENDING -> COMPLETE;
      case EGRESS_STARTING, EGRESS_ACTIVE, UNRECOGNIZED -> requestKept ? CONTINUE : GIVE_UP;
    };
  }
}
