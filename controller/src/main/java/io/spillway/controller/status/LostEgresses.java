package io.spillway.controller.status;

import io.spillway.core.egress.EndReason;
import io.spillway.core.egress.Failure;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.Applied;
import io.spillway.store.EgressStore;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Egresses that an earlier process stored and that nobody has any more. A process that is killed
 * between storing an egress and its node's first note about it leaves a row that no node will ever
 * report: without this it would be STARTING for ever. For a controller whose only node is in its
 * own process; where nodes live elsewhere their leases tell who is lost.
 */
public final class LostEgresses {
  private static final Logger LOG = LoggerFactory.getLogger(LostEgresses.class);

  private final EgressStore store;
  private final TimeSource time;
  private final List<StoredEgress> before;

  private LostEgresses(EgressStore store, TimeSource time, List<StoredEgress> before) {
    this.store = store;
    this.time = time;
    this.before = before;
  }

  /**
   * Reads what is unfinished. To be called before the first request is taken: an egress of this
   * process is never lost, though its node may not know it yet.
   */
  public static LostEgresses of(EgressStore store, TimeSource time) {
    return new LostEgresses(store, time, store.unfinished());
  }

  /**
   * Ends as FAILED each of them that isn't among {@code known}; one that the store does not take is
   * logged and left to the next start.
   *
   * @param known ids that the node records, recovers or has yet to report, after it took up what
   *     the earlier process left
   * @return how many were ended
   */
  public int end(Set<String> known) {
    int ended = 0;
    for (StoredEgress egress : before) {
      if (!known.contains(egress.info().getEgressId()) && end(egress)) {
        ended++;
      }
    }
    return ended;
  }

  private boolean end(StoredEgress egress) {
    String id = egress.info().getEgressId();
    Failure lost = Failure.nodeLost();
    long now = time.unixNanos();
    EgressInfo failed =
        egress.info().toBuilder()
            .setStatus(EgressStatus.EGRESS_FAILED)
            .setEndedAt(now)
            .setUpdatedAt(now)
            .setError(lost.text())
            .setErrorCode(lost.code())
            .setDetails(EndReason.FAILURE.details())
            .build();
    try {
      // The largest sequence: whatever a node had reported is older than this end. A row that ended
      // meanwhile, by a status from the node's journal, stays as it is.
      Applied applied =
          store.apply(
              new StatusUpdate(failed, egress.epoch(), Long.MAX_VALUE, egress.node(), lost.text()));
      LOG.atWarn()
          .addKeyValue("egress", id)
          .addKeyValue("status", egress.info().getStatus())
          .addKeyValue("node", egress.node())
          .addKeyValue("result", applied)
          .log("egress of an earlier process is known to no node");
      return applied == Applied.ACCEPTED;
    } catch (StoreException notStored) {
      LOG.atError()
          .addKeyValue("egress", id)
          .setCause(notStored)
          .log("lost egress not ended, the next start tries again");
      return false;
    }
  }
}
