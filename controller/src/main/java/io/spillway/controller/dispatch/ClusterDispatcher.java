package io.spillway.controller.dispatch;

import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.gonode.GoBook;
import io.spillway.controller.request.RepeatableNames;
import io.spillway.core.fleet.StartPlan;
import io.spillway.core.fleet.StartPlan.Event;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.retry.RetryBudget;
import io.spillway.store.EgressStore;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers an egress to the livekit/egress nodes of a cluster and takes the best bid, as
 * livekit-server does (livekit/protocol rpc/egress_client.go): a bid of 1 at once, else the best
 * half a second after the first. But a suspect's bid counts for little or nothing ({@link
 * GoBook#worth}): a wedged node bids as well as any. Who is chosen and doesn't confirm is fenced,
 * and the others are asked under the next epoch. A silent fleet is asked once more, because a bus
 * loses messages at times, and then the answer says what silence means.
 */
public final class ClusterDispatcher implements Dispatcher {
  private static final int TRIES = 2;
  private static final float BEST_BID = 1;
  private static final Duration BID_WAIT = Duration.ofSeconds(1);
  private static final Duration BETTER_BID_WAIT = Duration.ofMillis(500);

  /** The wait for bids, a process to be launched, and the report that its start waits for. */
  private static final Duration CONFIRM_WITHIN = Duration.ofSeconds(4);

  /** psrpc's words for "nobody claimed", which tell a user nothing (livekit/psrpc errors.go). */
  private static final String SILENCE = "no response from servers";

  private static final Logger LOG = LoggerFactory.getLogger(ClusterDispatcher.class);

  private final RpcClient nodes;
  private final GoBook go;
  private final FleetBook book;
  private final EgressStore store;
  private final String cluster;
  private final RetryBudget retries;
  private final TimeSource time;

  /**
   * Calls over {@code nodes}, a client of {@link EgressServices#EGRESS_INTERNAL}.
   *
   * @param go what became of earlier claims
   * @param cluster the nodes' {@code cluster_id}; empty as in LiveKit's open source
   * @param retries of the process: a silent fleet is not asked twice by everybody
   */
  public ClusterDispatcher(
      RpcClient nodes,
      GoBook go,
      FleetBook book,
      EgressStore store,
      String cluster,
      RetryBudget retries,
      TimeSource time) {
    this.nodes = nodes;
    this.go = go;
    this.book = book;
    this.store = store;
    this.cluster = cluster;
    this.retries = retries;
    this.time = time;
  }

  @Override
  public EgressInfo dispatch(StartEgressRequest request, Trace trace, Deadline deadline) {
    retries.called();
    return new Attempt(request, trace, deadline).run();
  }

  /** One start on its way. Belongs to the caller's thread. */
  private final class Attempt {
    private final StartEgressRequest request;
    private final String id;
    private final Trace trace;
    private final Deadline deadline;
    private final Fencing fencing;
    private final Set<String> tried = new HashSet<>();
    private int epoch;
    private int silences;

    Attempt(StartEgressRequest request, Trace trace, Deadline deadline) {
      this.request = request;
      this.id = request.getEgressId();
      this.trace = trace;
      this.deadline = deadline;
      this.fencing = new Fencing(book, store, time, id);
      this.epoch = request.getRetryCount() + 1;
    }

    EgressInfo run() {
      refuseWhatIsNotRepeated(Optional.empty());
      while (true) { // each round asks another node, or ends: by the deadline at the latest
        Claims claims = new Claims(id, epoch, tried);
        try {
          StartEgressRequest mine = request.toBuilder().setRetryCount(epoch - 1).build();
          return nodes.call(EgressServices.START_EGRESS, cluster, mine, options(), claims);
        } catch (RpcException failure) {
          Optional<EgressInfo> taken =
              claims.chosen().isEmpty() ? nobody(failure) : chosenFailed(claims, failure);
          if (taken.isPresent()) {
            return taken.get();
          }
        } finally {
          claims.chosen().ifPresent(trace::node);
        }
      }
    }

    private CallOptions options() {
      long left = Math.max(1, Math.min(CONFIRM_WITHIN.toNanos(), deadline.remainingNanos()));
      return new CallOptions(
          Duration.ofNanos(left), BID_WAIT, BETTER_BID_WAIT, BEST_BID, trace.metadata());
    }

    /** Returns empty to ask again. */
    private Optional<EgressInfo> nobody(RpcException failure) {
      if (!isSilence(failure) && !isUnchosen(failure)) {
        throw failure;
      }
      silences++;
      if (silences == TRIES || deadline.hasPassed() || !retries.take()) {
        throw silence(id, silences, failure);
      }
      return Optional.empty();
    }

    private Optional<EgressInfo> chosenFailed(Claims claims, RpcException failure) {
      String node = claims.chosen().orElseThrow();
      String text = String.valueOf(failure.getMessage());
      tried.add(node);
      LOG.atInfo()
          .addKeyValue("node", node)
          .addKeyValue("code", failure.code().wire())
          .addKeyValue("error", text)
          .log("a livekit/egress node did not take the egress");
      Event event =
          claims.answered()
              ? FleetDispatcher.refused(failure.code(), text)
              : new Event.Unconfirmed(text);
      return switch (event) {
        case Event.TurnedDown _ -> {
          go.refused(id, epoch);
          mayAskAnother(failure);
          yield Optional.empty();
        }
        case Event.Unconfirmed(String why) -> {
          Optional<EgressInfo> taken = fence(node, "node " + node + " did not confirm: " + why);
          if (taken.isEmpty()) {
            refuseWhatIsNotRepeated(Optional.of(failure));
            mayAskAnother(failure);
          }
          yield taken;
        }
        case Event.Rejected _,
            Event.Accepted _,
            Event.Chosen _,
            Event.NobodyFits _,
            Event.Unclaimed _,
            Event.Fenced _,
            Event.TakenAfterAll _,
            Event.StoreAway _ -> {
          go.refused(id, epoch);
          throw failure;
        }
      };
    }

    private void mayAskAnother(RpcException failure) {
      boolean inTime = deadline.remainingNanos() > StartPlan.LEAST_TRY.toNanos();
      if (!inTime || !go.hasOthers(tried)) {
        throw failure;
      }
    }

    /** What the store has when the node reported it after all; empty: it is fenced. */
    private Optional<EgressInfo> fence(String node, String reason) {
      while (true) { // while the store is away: by the deadline at the latest
        switch (fencing.fence(epoch, reason)) {
          case Event.Fenced(int newer) -> {
            blame();
            epoch = newer;
            trace.egress(id, newer);
            return Optional.empty();
          }
          case Event.TakenAfterAll _ -> {
            go.unanswered(id, epoch);
            return Optional.of(
                fencing
                    .stored()
                    .orElseThrow(() ->
                        new RpcException(
                            RpcCode.INTERNAL, "egress " + id + " vanished at its start")));
          }
          case Event.StoreAway(String why) -> {
            if (deadline.remainingNanos() < StartPlan.LEAST_TRY.toNanos()) {
              throw new RpcException(
                  RpcCode.UNAVAILABLE,
                  "egress %s was not started: %s; then it could not be taken back: %s"
                      .formatted(id, reason, why));
            }
            FleetDispatcher.pause(time, StartPlan.LOOK_AGAIN);
          }
          case Event.Chosen _,
              Event.NobodyFits _,
              Event.Accepted _,
              Event.TurnedDown _,
              Event.Rejected _,
              Event.Unclaimed _,
              Event.Unconfirmed _ ->
              throw new IllegalStateException("a fence of " + node + " came to nothing");
        }
      }
    }

    /** A controller that hears nobody has no ground to: the answer may have been lost. */
    private void blame() {
      if (book.isBlind()) {
        go.refused(id, epoch);
      } else {
        go.unconfirmed(id, epoch);
      }
    }

    private void refuseWhatIsNotRepeated(Optional<RpcException> before) {
      if (epoch > 1 && !RepeatableNames.of(request)) {
        throw new RpcException(
            RpcCode.FAILED_PRECONDITION,
            "egress %s was not given to a livekit/egress node once more%s: its name has no {retry},"
                    .formatted(id, before.map(why -> " (" + why.getMessage() + ")").orElse(""))
                + " so such a node would refuse it");
      }
    }
  }

  /** What the book says of each claim, and who was chosen. Called on the bus's reader. */
  private final class Claims implements RpcClient.Bidding {
    private final String egressId;
    private final int epoch;
    private final Set<String> tried;
    private volatile Optional<String> chosen = Optional.empty();
    private volatile boolean answered;

    Claims(String egressId, int epoch, Set<String> tried) {
      this.egressId = egressId;
      this.epoch = epoch;
      this.tried = Set.copyOf(tried);
    }

    @Override
    public float worth(String serverId, float affinity) {
      float worth = go.worth(serverId, affinity);
      return tried.contains(serverId) ? 0 : worth;
    }

    @Override
    public void chosen(String serverId) {
      chosen = Optional.of(serverId);
      go.chosen(serverId, egressId, epoch);
    }

    @Override
    public void answered(String serverId) {
      answered = true;
    }

    Optional<String> chosen() {
      return chosen;
    }

    boolean answered() {
      return answered;
    }
  }

  static boolean isSilence(RpcException failure) {
    String text = failure.getMessage();
    return failure.code() == RpcCode.UNAVAILABLE && text != null && text.contains(SILENCE);
  }

  /** Nodes claimed, and none could be chosen. */
  private static boolean isUnchosen(RpcException failure) {
    String text = failure.getMessage();
    return failure.code() == RpcCode.UNAVAILABLE
        && text != null
        && text.contains("no servers available");
  }

  /** Whether a dispatch failed because nobody offered to take it. */
  static boolean isNobody(RpcException failure) {
    return failure.code() == RpcCode.UNAVAILABLE
        && failure.getCause() instanceof RpcException cause
        && (isSilence(cause) || isUnchosen(cause));
  }

  private RpcException silence(String egressId, int asked, RpcException cause) {
    String where = cluster.isEmpty() ? "this cluster" : "cluster '" + cluster + "'";
    String meaning =
        isUnchosen(cause)
            ? "those that offered to are suspect"
            : "either no node runs, or all are full, draining or cut off from the bus";
    return new RpcException(
        RpcCode.UNAVAILABLE,
        "no egress node of %s took %s: asked %d times, nobody offered to within %d ms each; %s"
            .formatted(where, egressId, asked, BID_WAIT.toMillis(), meaning),
        cause);
  }
}
