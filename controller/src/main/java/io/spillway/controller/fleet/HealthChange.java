package io.spillway.controller.fleet;

import io.spillway.core.fleet.Health;

/**
 * A node's health, or whether it is in service, has changed.
 *
 * @param reason what the two ways looked like, for people
 */
public record HealthChange(
    String nodeId,
    String region,
    String version,
    Health before,
    Health now,
    boolean inService,
    String reason) {}
