package io.spillway.rpc.client;

import io.spillway.core.bounded.Backoff;
import java.time.Duration;

/**
 * What a client may hold, and when it mistrusts itself.
 *
 * @param calls at once; one more is refused
 * @param answersPerCall of a multi request; further ones are dropped
 * @param unansweredBeforeRebuild calls in a row without an answer, claimed or not, after which the
 *     client takes a new id and asks the bus for new connections
 * @param rebuildBackoff least time between two such rebuilds; grows until a call is answered
 */
public record ClientLimits(
    int calls, int answersPerCall, int unansweredBeforeRebuild, Backoff rebuildBackoff) {
  /** Checks that all are positive. */
  public ClientLimits {
    if (calls < 1 || answersPerCall < 1 || unansweredBeforeRebuild < 1) {
      throw new IllegalArgumentException("a client's limits must be at least 1");
    }
  }

  /** For a controller or a node. */
  public static ClientLimits defaults() {
    return new ClientLimits(
        16_384, 1_024, 5, new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(60)));
  }
}
