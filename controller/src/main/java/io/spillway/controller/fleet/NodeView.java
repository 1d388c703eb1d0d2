package io.spillway.controller.fleet;

import io.spillway.core.fleet.Canary;
import io.spillway.core.fleet.Health;
import io.spillway.core.fleet.Lease;
import java.time.Duration;

/**
 * A node as it stands now, for people.
 *
 * @param lease the last one
 * @param leaseAge since it came
 * @param canary as it counts for the judgement
 * @param inService it may get starts
 * @param ejected it is taken out of service for what it looks like
 * @param healthFor since when it has this health
 * @param rebuilds how often it was told to make its RPC half anew
 * @param pendingStarts sent to it and not in a lease yet
 */
public record NodeView(
    Lease lease,
    Duration leaseAge,
    Canary canary,
    Health health,
    boolean inService,
    boolean ejected,
    Duration healthFor,
    int rebuilds,
    int pendingStarts) {}
