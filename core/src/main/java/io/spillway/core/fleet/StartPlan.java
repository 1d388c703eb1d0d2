package io.spillway.core.fleet;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * The way of one start through the fleet: which epoch is asked for, who was tried, what follows
 * when nobody confirms. A pure function; a blocking shell in the controller and the simulation
 * carry the effects out.
 *
 * <pre>
 * Choosing --Chosen-->        Asking    ASK that node, 2 s at most
 * Choosing --NobodyFits-->    Choosing  WAIT a moment while it may change, or after all were tried begin again
 *                             Failed    when waiting would not help, or the budget is spent
 * Asking   --Accepted-->      Started
 * Asking   --TurnedDown-->    Choosing  the node said that it does not have it: same epoch, another node
 * Asking   --Unclaimed-->     Choosing  it did not even claim, so it was never chosen: same epoch, another node
 * Asking   --Rejected-->      Failed    the request itself is bad: another node would say the same
 * Asking   --Unconfirmed-->   Fencing   FENCE the epoch, unless the node has reported it meanwhile
 * Fencing  --Fenced-->        Choosing  under the new epoch, while the budget lasts; else Failed
 * Fencing  --TakenAfterAll--> Started   the node's report had come, only its answer was lost
 * Fencing  --StoreAway-->     Fencing   WAIT and FENCE again, while the budget lasts; else Failed
 * </pre>
 *
 * The fence and a node's first report exclude each other in the store, and a node joins a room only
 * after its first report was taken: so of two nodes that were asked at most one ever records.
 */
public final class StartPlan {
  /** How long a node has to confirm a start. */
  public static final Duration ACCEPT_WITHIN = Duration.ofSeconds(2);

  /** How long it has to claim it: a node that is well does so in milliseconds. */
  public static final Duration CLAIM_WITHIN = Duration.ofMillis(500);

  /** How long to wait before the fleet, or the store, is looked at again. */
  public static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  /** With less than this left no further node is asked: it could not join in time. */
  public static final Duration LEAST_TRY = Duration.ofMillis(200);

  private StartPlan() {}

  /** Where a start stands. */
  public sealed interface State {
    /**
     * Somebody has to be asked.
     *
     * @param tried who was asked since everybody's last chance
     * @param silent whether one of them did not answer, so that asking again may help
     */
    record Choosing(int epoch, Set<String> tried, boolean silent, String trouble) implements State {
      /** Copies the set. */
      public Choosing {
        tried = Set.copyOf(tried);
      }
    }

    record Asking(int epoch, Set<String> tried, boolean silent, String node) implements State {
      /** Copies the set. */
      public Asking {
        tried = Set.copyOf(tried);
      }
    }

    record Fencing(int epoch, Set<String> tried, String trouble) implements State {
      /** Copies the set. */
      public Fencing {
        tried = Set.copyOf(tried);
      }
    }

    record Started(int epoch) implements State {}

    record Failed(int epoch, String why) implements State {}
  }

  /** What can happen. */
  public sealed interface Event {
    record Chosen(String node) implements Event {}

    record NobodyFits(DispatchChoice.Refusal why) implements Event {}

    record Accepted() implements Event {}

    /** The node answered that it has no room, or leaves. */
    record TurnedDown(String why) implements Event {}

    /** The node answered that the request can't be met. */
    record Rejected(String why) implements Event {}

    /** No claim came, so nobody was chosen: the node surely doesn't have it. */
    record Unclaimed(String why) implements Event {}

    /** No answer in time: the node may or may not have it. */
    record Unconfirmed(String why) implements Event {}

    record Fenced(int newEpoch) implements Event {}

    record TakenAfterAll() implements Event {}

    record StoreAway(String why) implements Event {}
  }

  /** What the shell has to do; it answers with the event that comes of it. */
  public sealed interface Effect {
    /** Choose a node that is not among {@code except}. */
    record Choose(Set<String> except) implements Effect {
      /** Copies the set. */
      public Choose {
        except = Set.copyOf(except);
      }
    }

    /** Let this long pass, then choose. */
    record WaitThenChoose(Duration pause, Set<String> except) implements Effect {
      /** Copies the set. */
      public WaitThenChoose {
        except = Set.copyOf(except);
      }
    }

    record Ask(String node, int epoch, Duration within) implements Effect {}

    /** After {@code pause}, take {@code epoch} away from whoever was asked, if it didn't report. */
    record Fence(int epoch, Duration pause, String reason) implements Effect {}

    /** The end: look at the state. */
    record Finish() implements Effect {}
  }

  /** The next state and what to do. */
  public record Step(State state, Effect effect) {}

  /** The first step of a start, or of a further try of an egress that lost its node. */
  public static Step begin(int epoch) {
    return new Step(
        new State.Choosing(epoch, Set.of(), false, "no node was asked"),
        new Effect.Choose(Set.of()));
  }

  /**
   * Follows one event.
   *
   * @param left of the start's budget
   */
  public static Step next(State state, Event event, Duration left) {
    return switch (state) {
      case State.Choosing choosing -> fromChoosing(choosing, event, left);
      case State.Asking asking -> fromAsking(asking, event);
      case State.Fencing fencing -> fromFencing(fencing, event, left);
      case State.Started started -> new Step(started, new Effect.Finish());
      case State.Failed failed -> new Step(failed, new Effect.Finish());
    };
  }

  private static Step fromChoosing(State.Choosing state, Event event, Duration left) {
    return switch (event) {
      case Event.Chosen(String node) ->
          left.compareTo(LEAST_TRY) < 0
              ? failed(state.epoch(), spent(state.trouble()))
              : new Step(
                  new State.Asking(state.epoch(), with(state.tried(), node), state.silent(), node),
                  new Effect.Ask(node, state.epoch(), shorter(ACCEPT_WITHIN, left)));
      case Event.NobodyFits(DispatchChoice.Refusal why) -> nobodyFits(state, why, left);
      case Event.Accepted _,
          Event.TurnedDown _,
          Event.Unclaimed _,
          Event.Rejected _,
          Event.Unconfirmed _,
          Event.Fenced _,
          Event.TakenAfterAll _,
          Event.StoreAway _ ->
          throw unexpected(state, event);
    };
  }

  private static Step nobodyFits(State.Choosing state, DispatchChoice.Refusal why, Duration left) {
    String trouble = state.tried().isEmpty() ? why.words() : state.trouble();
    if (left.compareTo(LEAST_TRY) < 0) {
      return failed(state.epoch(), spent(trouble));
    }
    boolean allSaidNo = why == DispatchChoice.Refusal.ALL_TRIED;
    if (!state.silent() && (why.isCertain() || allSaidNo)) {
      return failed(state.epoch(), trouble);
    }
    // Who was silent once may have lost one message only: everybody gets another chance.
    return new Step(
        new State.Choosing(state.epoch(), Set.of(), state.silent(), trouble),
        new Effect.WaitThenChoose(LOOK_AGAIN, Set.of()));
  }

  private static Step fromAsking(State.Asking state, Event event) {
    return switch (event) {
      case Event.Accepted _ -> new Step(new State.Started(state.epoch()), new Effect.Finish());
      case Event.TurnedDown(String why) ->
          new Step(
              new State.Choosing(
                  state.epoch(), state.tried(), state.silent(), state.node() + ": " + why),
              new Effect.Choose(state.tried()));
      case Event.Unclaimed(String why) ->
          new Step(
              new State.Choosing(state.epoch(), state.tried(), true, state.node() + ": " + why),
              new Effect.Choose(state.tried()));
      case Event.Rejected(String why) -> failed(state.epoch(), why);
      case Event.Unconfirmed(String why) ->
          fence(
              state.epoch(),
              state.tried(),
              "node " + state.node() + " did not confirm the start: " + why,
              Duration.ZERO);
      case Event.Chosen _,
          Event.NobodyFits _,
          Event.Fenced _,
          Event.TakenAfterAll _,
          Event.StoreAway _ ->
          throw unexpected(state, event);
    };
  }

  private static Step fromFencing(State.Fencing state, Event event, Duration left) {
    return switch (event) {
      case Event.Fenced(int newEpoch) ->
          left.compareTo(LEAST_TRY) < 0
              ? failed(newEpoch, spent(state.trouble()))
              : new Step(
                  new State.Choosing(newEpoch, state.tried(), true, state.trouble()),
                  new Effect.Choose(state.tried()));
      case Event.TakenAfterAll _ -> new Step(new State.Started(state.epoch()), new Effect.Finish());
      case Event.StoreAway(String why) ->
          left.compareTo(LEAST_TRY) < 0
              ? failed(
                  state.epoch(),
                  spent(state.trouble() + "; then it could not be taken back: " + why))
              : fence(state.epoch(), state.tried(), state.trouble(), LOOK_AGAIN);
      case Event.Chosen _,
          Event.NobodyFits _,
          Event.Accepted _,
          Event.TurnedDown _,
          Event.Unclaimed _,
          Event.Rejected _,
          Event.Unconfirmed _ ->
          throw unexpected(state, event);
    };
  }

  private static Step fence(int epoch, Set<String> tried, String trouble, Duration wait) {
    return new Step(
        new State.Fencing(epoch, tried, trouble), new Effect.Fence(epoch, wait, trouble));
  }

  private static Step failed(int epoch, String why) {
    return new Step(new State.Failed(epoch, why), new Effect.Finish());
  }

  private static String spent(String trouble) {
    return "the time for the start is over; " + trouble;
  }

  private static Set<String> with(Set<String> tried, String node) {
    Set<String> more = new HashSet<>(tried);
    more.add(node);
    return more;
  }

  private static Duration shorter(Duration one, Duration two) {
    return one.compareTo(two) <= 0 ? one : two;
  }

  private static IllegalArgumentException unexpected(State state, Event event) {
    return new IllegalArgumentException("a start in " + state + " can't see " + event);
  }
}
