package io.spillway.controller.fleet;

import io.spillway.core.fleet.Health;
import java.time.Duration;

/**
 * How a controller watches its nodes.
 *
 * @param controllerId unique for this process's life
 * @param region where it runs: starts that name none begin there; empty for anywhere
 * @param health from when on a sign is bad
 * @param canaryEvery and {@code canaryWithin}: how often and how long
 * @param blindAfter without having heard itself on the bus it judges nobody
 * @param grace after it was blind, before anybody's health may get worse
 * @param rebuildEvery how often a node is told to make its RPC half anew, at most
 * @param forgetAfter a node that is gone is shown for so long
 * @param mostNodes further ones are refused
 */
public record FleetSettings(
    String controllerId,
    String region,
    Health.Rules health,
    Duration canaryEvery,
    Duration canaryWithin,
    Duration blindAfter,
    Duration grace,
    Duration rebuildEvery,
    Duration forgetAfter,
    int mostNodes) {
  /** The usual times. */
  public static FleetSettings of(String controllerId) {
    return new FleetSettings(
        controllerId,
        "",
        Health.Rules.usual(),
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofMinutes(10),
        5000);
  }
}
