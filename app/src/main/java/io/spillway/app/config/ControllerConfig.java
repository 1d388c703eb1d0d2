package io.spillway.app.config;

import io.spillway.controller.gonode.GoNodes;
import io.spillway.core.fleet.LostEgress.OnNodeLoss;
import io.spillway.rpc.bus.RedisSettings;
import io.spillway.storage.seal.SealKeys;
import io.spillway.store.sql.PostgresSettings;
import java.util.Optional;

/**
 * What {@code spillway controller} is told: what every controller is, and what it shares with
 * others. Its text never shows a secret.
 *
 * @param redis on which it meets its nodes and the other controllers
 * @param database that it shares with other controllers; empty: a file of its own
 * @param secrets with which stored requests are sealed; empty: a file in the data folder
 * @param region where it runs: starts that name none begin there; empty: anywhere
 * @param onNodeLoss what becomes of an egress whose node is lost
 * @param goNodes whether there are livekit/egress nodes on that Redis
 * @param supervisor who starts and ends nodes
 * @param frontDoor the livekit-server whose egress node it is, if any
 */
public record ControllerConfig(
    SpillwayConfig common,
    RedisSettings redis,
    Optional<PostgresSettings> database,
    Optional<SealKeys> secrets,
    String region,
    OnNodeLoss onNodeLoss,
    GoNodes goNodes,
    SupervisorConfig supervisor,
    Optional<FrontDoorConfig> frontDoor) {}
