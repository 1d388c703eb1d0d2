package io.spillway.store;

/** What became of a {@link StatusUpdate}. All but ACCEPTED left the store as it was. */
public enum Applied {
  /** Stored. */
  ACCEPTED,
  /** The reporter was fenced off: somebody newer has the egress. */
  OLD_EPOCH,
  /** This report, or a later one of the same epoch, is stored already. */
  OLD_SEQUENCE,
  /** The egress has ended; an end is never undone or replaced. */
  ALREADY_FINAL,
  /** The status would have gone backward. */
  BACKWARD,
  /** Nothing is stored under that id. */
  UNKNOWN_EGRESS
}
