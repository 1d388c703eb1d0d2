package io.spillway.node.request;

import io.spillway.rpc.RpcServer.Bid;
import java.time.Duration;

/**
 * How much a node wants a start request. Pure.
 *
 * <p>1 when it can take it, held back by up to {@link #LONGEST_DELAY} in proportion to its load: of
 * several nodes the least loaded wins, and nobody waits for a better one (the caller takes a bid of
 * 1 at once). A node that would refuse bids {@link #LAST_RESORT}: any node that can take it wins;
 * if none can, this one is chosen and answers why, which is worth more to a user than "no response
 * from servers".
 *
 * <p>A caller that got no answer asks again with the same egress id. Whoever records it bids at
 * once; who has heard the id before and does not record it holds back much longer, or the repeated
 * request would begin a second recording there.
 */
public final class Bidding {
  /** A full node holds its bid back so long. */
  public static final Duration LONGEST_DELAY = Duration.ofMillis(20);

  /** A node that somebody else's repeated request reaches holds its bid back so long. */
  static final Duration REPEATED_DELAY = Duration.ofMillis(200);

  /** The bid of one that would refuse. */
  public static final float LAST_RESORT = 0.01f;

  /** Recordings at which their half of the load is half full. */
  private static final double MANY = 5;

  private Bidding() {}

  /**
   * The load that a bid is delayed by: half of it is the share of the machine in use, half are the
   * recordings, of which the first few count most. So starts spread over nodes before there is any
   * load to measure, and over nodes that share a machine; among nodes with many recordings the
   * measured share decides.
   */
  public static double load(double usedShare, int recordings) {
    return Math.clamp(usedShare, 0, 1) / 2 + recordings / (recordings + MANY) / 2;
  }

  /**
   * What a bid depends on.
   *
   * @param proven whether messages are known to get through both ways
   * @param recordsIt whether this egress id is being recorded here, or was
   * @param heardBefore whether a request with this egress id came before
   * @param refuses whether the node would refuse it
   * @param load share of the node in use, 0 to 1
   * @param refusalAffinity what to bid for a request that would be refused; below 0: nothing
   */
  public record Facts(
      boolean proven,
      boolean recordsIt,
      boolean heardBefore,
      boolean refuses,
      double load,
      float refusalAffinity) {}

  /** The bid. */
  public static Bid on(Facts facts) {
    if (facts.recordsIt()) {
      return Bid.of(1); // unproven too: else another node would begin it a second time
    }
    if (!facts.proven()) {
      return Bid.of(-1); // who can't report must not attract work
    }
    if (facts.refuses()) {
      return Bid.of(facts.refusalAffinity());
    }
    long byLoad = (long) (LONGEST_DELAY.toNanos() * Math.clamp(facts.load(), 0, 1));
    return new Bid(1, facts.heardBefore() ? REPEATED_DELAY : Duration.ofNanos(byLoad));
  }
}
