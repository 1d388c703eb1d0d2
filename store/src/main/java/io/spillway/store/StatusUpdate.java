package io.spillway.store;

import io.spillway.protocol.livekit.EgressInfo;

/**
 * One report about an egress.
 *
 * @param info the whole EgressInfo; it replaces the stored one
 * @param epoch under which the reporter records, from 1; EgressInfo.retry_count + 1
 * @param sequence rises with each report of one epoch; the first report has 1 or more
 * @param node who reports; empty when it is the controller itself
 * @param region of the node; empty: as it was
 * @param reason what led to it, for the timeline; may be empty
 * @param begins whether the node asks, before it begins, to be the one that records under this
 *     epoch: refused when another node has reported it
 */
public record StatusUpdate(
    EgressInfo info,
    int epoch,
    long sequence,
    String node,
    String region,
    String reason,
    boolean begins) {
  /** A report of a node that has begun. */
  public StatusUpdate(
      EgressInfo info, int epoch, long sequence, String node, String region, String reason) {
    this(info, epoch, sequence, node, region, reason, false);
  }

  /** A report that says nothing of a region. */
  public StatusUpdate(EgressInfo info, int epoch, long sequence, String node, String reason) {
    this(info, epoch, sequence, node, "", reason);
  }

  /** Checks id, epoch and sequence. */
  public StatusUpdate {
    if (info.getEgressId().isEmpty() || epoch < 1 || sequence < 1) {
      throw new IllegalArgumentException(
          "need an egress_id, epoch >= 1 and sequence >= 1, was '%s', %d, %d"
              .formatted(info.getEgressId(), epoch, sequence));
    }
  }

  /** The same, of a node that waits for the answer before it begins. */
  public StatusUpdate beginning() {
    return new StatusUpdate(info, epoch, sequence, node, region, reason, true);
  }
}
