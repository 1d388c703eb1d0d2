package io.spillway.controller.status;

import io.spillway.core.egress.Failure;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.EgressStore;
import io.spillway.store.StatusUpdate;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a recorder's eviction means for its egress. Whoever joins later evicts, also a recorder of
 * an earlier epoch that was cut off, got no answer whether the egress was still its own, and joined
 * again. Then the recorder of the newest epoch reports FAILED though nobody took the egress from
 * it: that is the end of its part and not of the egress, which goes on as after a node's loss. The
 * earlier recorder is fenced by the answer to its next lease.
 */
final class Eviction {
  /** Somebody outside the fleet who joins again and again under our identity ends it here. */
  static final int MOST_EPOCHS = 16;

  private static final Logger LOG = LoggerFactory.getLogger(Eviction.class);

  private Eviction() {}

  /**
   * Takes the egress from its evicted recorder, before that one's report is stored: so the report
   * is one of an old epoch. Does nothing for any other report, nor for a recorder that is fenced
   * already. The first epoch has no earlier recorder: its eviction is final.
   */
  static void fence(EgressStore store, StatusUpdate report) {
    boolean mayBeOlder = report.epoch() > 1 && report.epoch() < MOST_EPOCHS;
    if (!mayBeOlder || !isOne(report)) {
      return;
    }
    Optional<Integer> epoch =
        store.fenceFrom(
            report.info().getEgressId(),
            report.epoch(),
            "",
            "a recorder of an earlier epoch joined again and evicted node " + report.node());
    epoch.ifPresent(
        next -> LOG.atWarn().addKeyValue("next_epoch", next).log("a newest recorder was evicted"));
  }

  private static boolean isOne(StatusUpdate report) {
    return report.info().getStatus() == EgressStatus.EGRESS_FAILED
        && report.info().getErrorCode() == Failure.evicted().code()
        && report.info().getError().equals(Failure.evicted().text());
  }
}
