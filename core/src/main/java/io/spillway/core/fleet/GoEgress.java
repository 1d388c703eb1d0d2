package io.spillway.core.fleet;

import io.spillway.core.fleet.LostEgress.OnNodeLoss;
import io.spillway.core.fleet.LostEgress.Row;
import io.spillway.core.fleet.LostEgress.Verdict;
import java.time.Duration;

/**
 * Whether an egress on a livekit/egress node is lost. Such a node reports a change of status and
 * nothing between, for hours; but it lists what it has when it is asked (ListActiveEgress).
 *
 * <pre>
 * last lists it      KEEP, unless it has been STARTING for too long
 * lists it no more   END once its final status is overdue: its recorder has ended, its report is stuck
 * is silent          lost: goes on elsewhere, or ends
 * was never heard    the same, later: its report may be on its way
 * </pre>
 */
public final class GoEgress {
  /** Longer than livekit/egress waits for a track that isn't there yet (30 s). */
  public static final Duration STARTING_WITHIN = Duration.ofSeconds(45);

  /** It is asked every two seconds: that many lost answers in a row are no accident. */
  public static final Duration SILENT_WITHIN = Duration.ofSeconds(15);

  /** Longer than its pauses between tries to report (a minute at most). */
  public static final Duration END_WITHIN = Duration.ofSeconds(75);

  private GoEgress() {}

  /** What the node says. */
  public enum Listing {
    /** Its last answer names the egress. */
    LISTED,
    /** An earlier answer did, its last doesn't. */
    DROPPED,
    /** It named the egress, and doesn't answer any more. */
    SILENT,
    /** No node was ever heard to have it, by this controller. */
    UNHEARD
  }

  /**
   * What is known of the recorder.
   *
   * @param since the listing is as it is; of LISTED: zero
   * @param stuck its node never brought it to ACTIVE, and didn't confirm the start either
   */
  public record Sight(Listing listing, Duration since, boolean stuck) {}

  /**
   * Judges one.
   *
   * @param row of which some node has reported the present epoch
   * @param starting it is not ACTIVE yet
   */
  public static Verdict judge(Row row, boolean starting, Sight sight, OnNodeLoss onNodeLoss) {
    if (starting && (sight.stuck() || exceeds(row.unchanged(), STARTING_WITHIN))) {
      return lost(row, onNodeLoss);
    }
    return switch (sight.listing()) {
      case LISTED -> Verdict.KEEP;
      case DROPPED -> overdue(row, sight, END_WITHIN) ? Verdict.END : Verdict.KEEP;
      case SILENT -> overdue(row, sight, SILENT_WITHIN) ? lost(row, onNodeLoss) : Verdict.KEEP;
      case UNHEARD -> overdue(row, sight, END_WITHIN) ? lost(row, onNodeLoss) : Verdict.KEEP;
    };
  }

  private static boolean overdue(Row row, Sight sight, Duration limit) {
    return exceeds(sight.since(), limit) && exceeds(row.unchanged(), limit);
  }

  private static Verdict lost(Row row, OnNodeLoss onNodeLoss) {
    boolean goOn = onNodeLoss == OnNodeLoss.CONTINUE && row.canContinue() && !row.ending();
    return goOn ? Verdict.CONTINUE : Verdict.END;
  }

  private static boolean exceeds(Duration age, Duration limit) {
    return age.compareTo(limit) > 0;
  }
}
