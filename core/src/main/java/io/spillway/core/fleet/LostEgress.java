package io.spillway.core.fleet;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether a stored egress has lost its recorder, from what its row and the leases say. Judged all
 * the time for every unfinished egress, so that nothing that was forgotten on the way (a report, a
 * controller, a node) leaves an egress without an end.
 */
public final class LostEgress {
  private LostEgress() {}

  /** What becomes of an egress whose node is lost while its room goes on. */
  public enum OnNodeLoss {
    /** Another node goes on with the next part, under the same id and the next epoch. */
    CONTINUE,
    /** It ends as failed with what was recorded, as under LiveKit. */
    END
  }

  /**
   * What is known of the node that has an egress.
   *
   * @param health as judged; empty for a node that this controller never heard of
   * @param silent since when nothing was heard of it on either way, reports included
   * @param lists whether its last lease names the egress under the row's epoch
   * @param leaseAfterRow its last lease was sent after the row's last change had settled
   */
  public record Holder(
      Optional<Health> health, Duration silent, boolean lists, boolean leaseAfterRow) {}

  /**
   * The stored egress.
   *
   * @param begun some node has reported it under the present epoch
   * @param placerGone nobody has, and the controller that was looking for a node is silent
   * @param unchanged since the row was last changed
   * @param ending it is being finished: nobody else could go on with it
   * @param canContinue its full request is still there, and another part would have a name of its
   *     own
   */
  public record Row(
      boolean begun, boolean placerGone, Duration unchanged, boolean ending, boolean canContinue) {}

  /**
   * From when on.
   *
   * @param lost silence of a node after which its egresses are taken away
   * @param placerLost how long a row may stay without any node once its controller is silent
   * @param untaken likewise whatever its controller does: more than any start's budget
   * @param unlisted how long a node may have reported an egress that its leases don't name
   */
  public record Rules(Duration lost, Duration placerLost, Duration untaken, Duration unlisted) {
    /** 6 s without a lease, 3 s without the controller; the wait for a node is over after 30 s. */
    public static Rules usual() {
      return new Rules(
          Duration.ofSeconds(6),
          Duration.ofSeconds(3),
          Duration.ofSeconds(45),
          Duration.ofSeconds(10));
    }
  }

  /** What to do. */
  public enum Verdict {
    /** Nothing. */
    KEEP,
    /** Fence it and start it on another node. */
    CONTINUE,
    /** Fence it and end it as failed. */
    END
  }

  /** Judges one egress. */
  public static Verdict judge(Row row, Holder holder, OnNodeLoss onNodeLoss, Rules rules) {
    if (!row.begun()) {
      boolean abandoned = row.placerGone() && exceeds(row.unchanged(), rules.placerLost());
      // Whoever places an egress fails it when its time is over: a row this old was forgotten.
      boolean forgotten = exceeds(row.unchanged(), rules.untaken());
      return abandoned || forgotten ? lost(row, onNodeLoss) : Verdict.KEEP;
    }
    // The row's last change was the node's own report, perhaps to another controller: till then it
    // lived, and may be joining the room at this moment.
    boolean dead =
        exceeds(holder.silent(), rules.lost())
            && exceeds(row.unchanged(), rules.lost())
            && holder.health().map(health -> health == Health.GONE).orElse(true);
    boolean dropped =
        holder.leaseAfterRow()
            && !holder.lists()
            && exceeds(row.unchanged(), rules.unlisted())
            && holder.health().map(health -> health != Health.GONE).orElse(false);
    return dead || dropped ? lost(row, onNodeLoss) : Verdict.KEEP;
  }

  private static Verdict lost(Row row, OnNodeLoss onNodeLoss) {
    boolean goOn = onNodeLoss == OnNodeLoss.CONTINUE && row.canContinue() && !row.ending();
    return goOn ? Verdict.CONTINUE : Verdict.END;
  }

  private static boolean exceeds(Duration age, Duration limit) {
    return age.compareTo(limit) > 0;
  }
}
