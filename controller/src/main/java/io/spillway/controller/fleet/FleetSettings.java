package io.spillway.controller.fleet;

import io.spillway.core.fleet.Health;
import io.spillway.core.fleet.LostEgress.OnNodeLoss;
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
 * @param onNodeLoss what becomes of an egress whose node is lost while its room goes on
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
    int mostNodes,
    OnNodeLoss onNodeLoss) {
  /** The usual times. */
  public static FleetSettings of(String controllerId) {
    return of(controllerId, "", OnNodeLoss.CONTINUE);
  }

  /** The usual times, with what an operator says. */
  public static FleetSettings of(String controllerId, String region, OnNodeLoss onNodeLoss) {
    return new FleetSettings(
        controllerId,
        region,
        Health.Rules.usual(),
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofMinutes(10),
        5000,
        onNodeLoss);
  }
}
