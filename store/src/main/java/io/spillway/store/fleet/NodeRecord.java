package io.spillway.store.fleet;

/**
 * A node as it was last judged.
 *
 * @param kind {@code spillway} or {@code go}
 * @param region empty: unknown
 * @param startedAtNanos Unix time in nanoseconds; 0: unknown
 * @param state a word of the judge's
 * @param reason why it has this state
 */
public record NodeRecord(
    String nodeId,
    String kind,
    String region,
    String version,
    long startedAtNanos,
    String state,
    String reason) {
  /** Checks that there is an id to keep it under. */
  public NodeRecord {
    if (nodeId.isEmpty() || state.isEmpty()) {
      throw new IllegalArgumentException(
          "a node needs an id and a state, was '%s', '%s'".formatted(nodeId, state));
    }
  }
}
