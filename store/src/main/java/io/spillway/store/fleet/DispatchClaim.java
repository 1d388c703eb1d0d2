package io.spillway.store.fleet;

/**
 * A dispatch under way: an egress that is stored and that no node has reported yet under its epoch.
 * The claim ends by itself with the first report, or with the egress.
 *
 * @param dispatcher the controller that looks for a node; it lives while its own lease beats
 * @param claim rises each time the dispatcher changes
 * @param claimedAtNanos Unix time in nanoseconds
 */
public record DispatchClaim(
    String egressId, int epoch, String dispatcher, long claim, long claimedAtNanos) {}
