package io.spillway.rpc.server;

import java.time.Duration;

/**
 * What a server may hold.
 *
 * @param handlers running at once over all methods; one more request is answered {@code
 *     resource_exhausted}
 * @param claims waiting for the client's choice, per method and topic; one more request is left to
 *     others
 * @param claimBytes of these requests together, per method and topic; likewise
 * @param longestCall a request that says it lives longer is taken for one of this length
 * @param subscribeWait how long serving a method waits until requests reach it
 * @param claimLinger how long a method that is no longer served still hears that it was chosen
 */
public record ServerLimits(
    int handlers,
    int claims,
    long claimBytes,
    Duration longestCall,
    Duration subscribeWait,
    Duration claimLinger) {
  /** Checks that all are positive. */
  public ServerLimits {
    if (handlers < 1 || claims < 1 || claimBytes < 1 || !longestCall.isPositive()) {
      throw new IllegalArgumentException("a server's limits must be positive");
    }
  }

  /** For a controller or a node. The longest call of LiveKit and of ours lasts 40 s. */
  public static ServerLimits defaults() {
    return new ServerLimits(
        4_096,
        16_384,
        64L << 20,
        Duration.ofSeconds(60),
        Duration.ofSeconds(2),
        Duration.ofSeconds(2));
  }
}
