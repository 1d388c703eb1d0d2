package io.spillway.node;

import io.spillway.node.request.Bidding;
import java.time.Duration;

/**
 * How a node behaves towards those who send it requests.
 *
 * @param takesBids whether it competes for requests on its cluster's topic; else it takes only what
 *     is sent to its own
 * @param provesBus whether it claims only while it has a fresh proof that its messages get through
 * @param refusalAffinity what it bids for a request that it would refuse; below 0: nothing
 * @param createdWithin how long the answer to a start waits for CreateEgress to be acknowledged;
 *     zero: not at all. livekit-server calls CreateEgress itself once it has that answer; it looks
 *     whether the egress is stored, and then stores it: without the wait that could put a STARTING
 *     over our ACTIVE (service/ioservice.go).
 * @param joinsOnceTaken whether a recorder joins only after CreateEgress was acknowledged. A
 *     controller that had no answer in time gives the egress to another node under a newer epoch,
 *     and refuses the older one's CreateEgress: a recorder that joined all the same would evict the
 *     newer one, which has the same identity. Such a controller also takes parts that come late, of
 *     an egress that went on or ended elsewhere. livekit-server gives no egress to a second node:
 *     where this is false, no refusal of CreateEgress ends a recording.
 * @param askStoredFor how long a restarted node asks what is stored of an egress that it recorded,
 *     while nobody answers; then the next start takes it up
 * @param fencesRestarts whether a restarted node asks a controller for the next epoch before it
 *     goes on with a recording: the controllers may be giving it to another node at that moment.
 *     livekit-server gives a running egress to nobody else
 */
public record RpcConduct(
    boolean takesBids,
    boolean provesBus,
    float refusalAffinity,
    Duration createdWithin,
    boolean joinsOnceTaken,
    Duration askStoredFor,
    boolean fencesRestarts) {
  private static final Duration CREATED_WITHIN = Duration.ofSeconds(2);

  /** The controller answers at once or is broken. */
  private static final Duration ASK_OWN_CONTROLLER_FOR = Duration.ofSeconds(15);

  /** Redis, livekit-server or the controllers may be down longer than the node was. */
  private static final Duration ASK_LONG_FOR = Duration.ofDays(1);

  /** The only node of a controller in its own process: nothing to prove, nobody to give way to. */
  public static RpcConduct alone() {
    return new RpcConduct(true, false, 1, Duration.ZERO, true, ASK_OWN_CONTROLLER_FOR, true);
  }

  /**
   * One of a fleet whose controllers choose a node and ask it on its own topic. They prove its bus
   * with their canaries.
   */
  public static RpcConduct managed() {
    return new RpcConduct(false, false, -1, Duration.ZERO, true, ASK_LONG_FOR, true);
  }

  /**
   * One of several nodes under a livekit-server.
   *
   * @param lastResortBids whether it offers itself for requests that it would refuse, so that the
   *     caller hears why if no other node takes them
   */
  public static RpcConduct underLiveKit(boolean lastResortBids) {
    return new RpcConduct(
        true,
        true,
        lastResortBids ? Bidding.LAST_RESORT : -1,
        CREATED_WITHIN,
        false,
        ASK_LONG_FOR,
        false);
  }
}
