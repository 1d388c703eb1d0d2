package io.spillway.app.config;

import io.spillway.rpc.bus.RedisSettings;

/**
 * What {@code spillway node} is told: what every recorder is, and how it meets its livekit-server.
 *
 * @param redis the livekit-server's own
 * @param healthPort of {@code /}, {@code /healthz} and {@code /readyz}; 0: none
 * @param prometheusPort of {@code /metrics}; 0: none
 * @param lastResortBids whether the node offers itself for requests that it would refuse, so that
 *     the caller hears why if no other node takes them
 */
public record NodeConfig(
    SpillwayConfig recorder,
    RedisSettings redis,
    int healthPort,
    int prometheusPort,
    boolean lastResortBids) {}
