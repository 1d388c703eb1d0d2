package io.spillway.store.outbox;

/**
 * An event on its way to one address.
 *
 * @param attempts that were made so far
 * @param nextAtNanos of the next attempt, Unix time; of no meaning once it has ended
 * @param expiresAtNanos after which no further attempt is made
 * @param endedAtNanos when it was delivered or given up; 0 while it waits
 * @param lastError of the last attempt that failed; empty when none did
 */
public record Delivery(
    OutboxEvent event,
    Target target,
    State state,
    int attempts,
    long nextAtNanos,
    long expiresAtNanos,
    long endedAtNanos,
    String lastError) {
  /** How far a delivery is. */
  public enum State {
    WAITING(0),
    DELIVERED(1),
    GIVEN_UP(2);

    private final int number;

    State(int number) {
      this.number = number;
    }

    /** As it is stored. */
    public int number() {
      return number;
    }

    /** The state that is stored so. */
    public static State of(int number) {
      for (State state : values()) {
        if (state.number == number) {
          return state;
        }
      }
      throw new IllegalArgumentException("no state of a delivery has the number " + number);
    }
  }

  /** What tells it from all others. */
  public Key key() {
    return new Key(event.id(), target);
  }

  /** An event for an address. */
  public record Key(String eventId, Target target) {}
}
