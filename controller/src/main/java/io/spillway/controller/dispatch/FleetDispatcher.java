package io.spillway.controller.dispatch;

import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.gonode.GoBook;
import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.DispatchChoice.Choice;
import io.spillway.core.fleet.DispatchChoice.Refusal;
import io.spillway.core.fleet.StartPlan;
import io.spillway.core.fleet.StartPlan.Effect;
import io.spillway.core.fleet.StartPlan.Event;
import io.spillway.core.fleet.StartPlan.State;
import io.spillway.core.fleet.StartPlan.Step;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.store.EgressStore;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives an egress to a node of the fleet on the node's own topic, following {@link StartPlan}: who
 * doesn't confirm in time is fenced, and the next node asked. Blocks its caller; all decisions are
 * the plan's and the book's, here is only what they cause.
 *
 * <p>Where no node of ours has a lease, the fleet is livekit/egress nodes: those are asked by
 * broadcast, and so they are when ours are full or gone. (Over 300 lines: every answer of a node,
 * of the store and of the book to one start stands here.)
 */
public final class FleetDispatcher implements Dispatcher {
  /** Any bid is taken at once: on a node's own topic nobody else bids. */
  private static final float ANY_BID = 0.001f;

  /** How long a broadcast that nobody claimed isn't repeated: a refusal comes at once. */
  private static final Duration NOBODY_FOR = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(FleetDispatcher.class);

  private final FleetBook book;
  private final RpcClient nodes;
  private final EgressStore store;
  private final Dispatcher broadcast;
  private final GoBook go;
  private final String cluster;
  private final TimeSource time;

  /** Until when no node without a lease is looked for; no time of a broadcast: never looked. */
  private final AtomicReference<Optional<Deadline>> nobodyUntil =
      new AtomicReference<>(Optional.empty());

  /**
   * Calls over {@code nodes}, a client of {@link EgressServices#EGRESS_INTERNAL}.
   *
   * @param broadcast asks nodes that have no lease
   * @param go tells whether there may be any
   * @param cluster the nodes' {@code cluster_id}
   */
  public FleetDispatcher(
      FleetBook book,
      RpcClient nodes,
      EgressStore store,
      Dispatcher broadcast,
      GoBook go,
      String cluster,
      TimeSource time) {
    this.book = book;
    this.nodes = nodes;
    this.store = store;
    this.broadcast = broadcast;
    this.go = go;
    this.cluster = cluster;
    this.time = time;
  }

  @Override
  public EgressInfo dispatch(StartEgressRequest request, Trace trace, Deadline deadline) {
    if (!book.hasNodes()) {
      if (!go.mayBeThere()) {
        if (!leasesCame(deadline)) {
          throw new RpcException(
              RpcCode.UNAVAILABLE,
              "egress %s was not started: %s"
                  .formatted(request.getEgressId(), Refusal.NONE_ALIVE.words()));
        }
        return new Attempt(request, trace, deadline).run();
      }
      try {
        return broadcast.dispatch(request, trace, deadline);
      } catch (RpcException nobody) {
        if (!ClusterDispatcher.isNobody(nobody) || !leasesCame(deadline)) {
          throw nobody;
        }
      }
    }
    return new Attempt(request, trace, deadline).run();
  }

  /** Whether nodes have leases now: those of a controller that just began come within seconds. */
  private boolean leasesCame(Deadline deadline) {
    while (!book.hasNodes()
        && !deadline.hasPassed()
        && book.age().compareTo(FleetBook.LEASES_COME) < 0) {
      pause(StartPlan.LOOK_AGAIN);
    }
    return book.hasNodes();
  }

  /** One start on its way. Belongs to the caller's thread. */
  private final class Attempt {
    private final StartEgressRequest request;
    private final Trace trace;
    private final Deadline deadline;
    private Optional<EgressInfo> answer = Optional.empty();
    private Optional<RpcException> lastFailure = Optional.empty();

    /** What a node itself said, unless a later one was silent: the caller hears those words. */
    private Optional<RpcException> lastAnswer = Optional.empty();

    private Optional<Refusal> lastRefusal = Optional.empty();

    private final Fencing fencing;

    Attempt(StartEgressRequest request, Trace trace, Deadline deadline) {
      this.request = request;
      this.trace = trace;
      this.deadline = deadline;
      this.fencing = new Fencing(book, store, time, request.getEgressId());
    }

    EgressInfo run() {
      Step step = StartPlan.begin(request.getRetryCount() + 1);
      while (!(step.effect() instanceof Effect.Finish)) {
        Event event = carryOut(step.effect());
        step = StartPlan.next(step.state(), event, left());
      }
      return switch (step.state()) {
        case State.Started(int epoch) -> started(epoch);
        case State.Failed(int epoch, String why) -> failed(epoch, why);
        case State.Choosing _, State.Asking _, State.Fencing _ ->
            throw new IllegalStateException("a start finished as " + step.state());
      };
    }

    private Duration left() {
      return Duration.ofNanos(deadline.remainingNanos());
    }

    private Event carryOut(Effect effect) {
      return switch (effect) {
        case Effect.Choose(Set<String> except) -> choose(except);
        case Effect.WaitThenChoose(Duration pause, Set<String> except) -> {
          pause(pause);
          yield choose(except);
        }
        case Effect.Ask(String node, int epoch, Duration within) -> ask(node, epoch, within);
        case Effect.Fence(int epoch, Duration pause, String reason) -> {
          pause(pause);
          yield fence(epoch, reason);
        }
        case Effect.Finish _ -> throw new IllegalStateException("nothing is left to be done");
      };
    }

    private Event choose(Set<String> except) {
      return switch (book.choose(request.getEgressId(), trace.region(), cluster, except)) {
        case Choice.Node(String node) -> new Event.Chosen(node);
        case Choice.Nobody(Refusal why) -> {
          lastRefusal = Optional.of(why);
          yield new Event.NobodyFits(why);
        }
      };
    }

    private Event ask(String node, int epoch, Duration within) {
      trace.egress(request.getEgressId(), epoch);
      trace.node(node);
      AtomicBoolean heard = new AtomicBoolean();
      try {
        CallOptions options =
            new CallOptions(
                within, StartPlan.CLAIM_WITHIN, Duration.ZERO, ANY_BID, trace.metadata());
        StartEgressRequest mine = request.toBuilder().setRetryCount(epoch - 1).build();
        answer =
            Optional.of(
                nodes.call(EgressServices.START_EGRESS, node, mine, options, _ -> heard.set(true)));
        return new Event.Accepted();
      } catch (RpcException failure) {
        lastFailure = Optional.of(failure);
        book.release(node, request.getEgressId());
        String text = String.valueOf(failure.getMessage());
        LOG.atInfo()
            .addKeyValue("code", failure.code().wire())
            .addKeyValue("error", text)
            .log("a node did not take the egress");
        lastAnswer = heard.get() ? lastFailure : Optional.empty();
        if (heard.get()) {
          Admission.Shortage.in(text).ifPresent(what -> book.saidFull(node, what));
          return refused(failure.code(), text);
        }
        return ClusterDispatcher.isSilence(failure)
            ? new Event.Unclaimed(text)
            : new Event.Unconfirmed(text);
      }
    }

    private Event fence(int epoch, String reason) {
      Event event = fencing.fence(epoch, reason);
      switch (event) {
        case Event.Fenced(int newer) -> trace.egress(request.getEgressId(), newer);
        case Event.TakenAfterAll _ -> answer = fencing.stored();
        case Event.StoreAway _,
            Event.Chosen _,
            Event.NobodyFits _,
            Event.Accepted _,
            Event.TurnedDown _,
            Event.Rejected _,
            Event.Unclaimed _,
            Event.Unconfirmed _ -> {}
      }
      return event;
    }

    private EgressInfo started(int epoch) {
      trace.egress(request.getEgressId(), epoch);
      return answer.orElseThrow(() ->
          new RpcException(
              RpcCode.INTERNAL, "egress " + request.getEgressId() + " vanished at its start"));
    }

    private EgressInfo failed(int epoch, String why) {
      trace.egress(request.getEgressId(), epoch);
      boolean nobodyWasAsked = lastFailure.isEmpty();
      if (nobodyWasAsked && lastRefusal.map(Refusal::isCertain).orElse(false)) {
        return overflow(why);
      }
      if (lastAnswer.isPresent()) {
        throw lastAnswer.get();
      }
      RpcCode code = lastFailure.map(RpcException::code).orElse(RpcCode.UNAVAILABLE);
      throw new RpcException(
          code == RpcCode.DEADLINE_EXCEEDED ? RpcCode.UNAVAILABLE : code,
          "egress %s was not started: %s".formatted(request.getEgressId(), why));
    }

    /** Our own nodes can't; perhaps nodes without a lease can. */
    private EgressInfo overflow(String why) {
      boolean askedLately = !nobodyUntil.get().map(Deadline::hasPassed).orElse(true);
      if (askedLately || !go.mayBeThere()) {
        throw refusal(why);
      }
      try {
        return broadcast.dispatch(request, trace, deadline);
      } catch (RpcException nobody) {
        if (!ClusterDispatcher.isNobody(nobody)) {
          throw nobody;
        }
        nobodyUntil.set(Optional.of(Deadline.in(time, NOBODY_FOR)));
        RpcException refusal = refusal(why);
        refusal.initCause(nobody);
        throw refusal;
      }
    }

    private RpcException refusal(String why) {
      return new RpcException(
          lastRefusal.map(FleetDispatcher::code).orElse(RpcCode.UNAVAILABLE),
          "egress %s was not started: %s".formatted(request.getEgressId(), why));
    }
  }

  private static RpcCode code(Refusal refusal) {
    return switch (refusal) {
      case FULL_CPU, FULL_MEMORY, FULL_SLOTS -> RpcCode.RESOURCE_EXHAUSTED;
      case NONE_ALIVE, ALL_DRAINING, OTHER_CLUSTER, NONE_TRUSTED, NOT_ALL_KNOWN, ALL_TRIED ->
          RpcCode.UNAVAILABLE;
    };
  }

  /** What a node's own error means for the start. */
  static Event refused(RpcCode code, String text) {
    return switch (code) {
      case RESOURCE_EXHAUSTED, UNAVAILABLE, FAILED_PRECONDITION -> // full, closing, draining
          new Event.TurnedDown(text);
      case INVALID_ARGUMENT,
          MALFORMED_REQUEST,
          NOT_FOUND,
          NOT_ACCEPTABLE,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          UNAUTHENTICATED,
          UNPROCESSABLE_ENTITY,
          UPSTREAM_CLIENT_ERROR ->
          new Event.Rejected(text);
      case CANCELED,
          MALFORMED_RESULT,
          DEADLINE_EXCEEDED,
          UNKNOWN,
          ABORTED,
          INTERNAL,
          DATA_LOSS,
          UPSTREAM_SERVER_ERROR ->
          new Event.Unconfirmed(text);
    };
  }

  private void pause(Duration pause) {
    pause(time, pause);
  }

  static void pause(TimeSource time, Duration pause) {
    if (pause.isZero()) {
      return;
    }
    try {
      time.pause(pause);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new RpcException(
          RpcCode.UNAVAILABLE, "the controller stopped during the start", stopping);
    }
  }
}
