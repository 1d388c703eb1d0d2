package io.spillway.app.config;

import io.spillway.rpc.bus.RedisSettings;
import java.net.URI;
import java.util.List;

/**
 * What {@code spillway node} is told: what every recorder is, and how it meets its livekit-server
 * or its controllers.
 *
 * @param redis the livekit-server's own, or the controllers'
 * @param healthPort of {@code /}, {@code /healthz} and {@code /readyz}; 0: none
 * @param prometheusPort of {@code /metrics}; 0: none
 * @param lastResortBids whether the node offers itself for requests that it would refuse, so that
 *     the caller hears why if no other node takes them
 * @param controllers whose node this is; empty: it serves a livekit-server by itself
 * @param region where it runs, for its controllers; empty: none
 */
public record NodeConfig(
    SpillwayConfig recorder,
    RedisSettings redis,
    int healthPort,
    int prometheusPort,
    boolean lastResortBids,
    List<URI> controllers,
    String region) {
  /** Copies what is handed in. */
  public NodeConfig {
    controllers = List.copyOf(controllers);
  }

  /** Whether controllers give it its work. */
  public boolean isManaged() {
    return !controllers.isEmpty();
  }
}
