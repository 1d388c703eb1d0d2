package io.spillway.core.fleet;

/**
 * What the canaries to one node have shown: a start request that records nothing, answered only
 * after a round trip over the client that carries the node's statuses.
 *
 * @param state what is believed
 * @param run how many canaries in a row ended as the last one did; misses while GOOD or UNPROVEN
 *     count towards FAILED, answers while FAILED count towards GOOD
 */
public record Canary(State state, int run) {
  /** Misses in a row that make a failure. */
  public static final int MISSES = 3;

  /** Answers in a row that end a failure. */
  public static final int ANSWERS = 2;

  /** Nothing is known of the node yet. */
  public static final Canary NEW = new Canary(State.UNPROVEN, 0);

  /** What is believed of the way over psrpc. */
  public enum State {
    /** No canary was ever answered. */
    UNPROVEN,
    GOOD,
    FAILED
  }

  /** After one more canary. */
  public Canary after(boolean answered) {
    return switch (state) {
      case UNPROVEN, GOOD -> {
        if (answered) {
          yield new Canary(State.GOOD, 0);
        }
        yield run + 1 >= MISSES ? new Canary(State.FAILED, 0) : new Canary(state, run + 1);
      }
      case FAILED -> {
        if (!answered) {
          yield new Canary(State.FAILED, 0);
        }
        yield run + 1 >= ANSWERS ? new Canary(State.GOOD, 0) : new Canary(State.FAILED, run + 1);
      }
    };
  }

  /** Misses in a row of a canary that has not failed yet. */
  public int misses() {
    return state == State.FAILED ? MISSES : run;
  }
}
