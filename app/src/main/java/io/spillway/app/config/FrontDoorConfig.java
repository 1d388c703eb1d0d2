package io.spillway.app.config;

import io.spillway.rpc.bus.RedisSettings;

/**
 * A livekit-server whose egress node the controllers are.
 *
 * @param redis that livekit-server's own
 * @param ownWebhooks whether we send webhooks beside livekit-server's
 */
public record FrontDoorConfig(RedisSettings redis, boolean ownWebhooks) {}
