package io.spillway.simulation;

/** A deliberate defect, which the invariants must find. */
public enum Mutant {
  NONE,
  /** An egress is given to another node under the epoch that it had. */
  NO_FENCE,
  /** A report that was stored is stored again when it comes again. */
  NO_DEDUP,
  /** A report is stored whatever the stored status is. */
  BACKWARD_STATUS,
  /** Webhooks wait in a controller's memory instead of in the store. */
  LOST_OUTBOX,
  /** A start is never sent to a second node. */
  ONE_TRY,
  /** A restarted node is given an egress whoever has it. */
  BLIND_DESK
}
