package io.spillway.store;

import io.spillway.protocol.livekit.EgressStatus;

/**
 * One step in the life of an egress.
 *
 * @param atNanos when the store took it in, Unix time in nanoseconds
 * @param status after the step
 * @param epoch after the step
 * @param node that has the egress after the step; empty for none
 * @param reason why; may be empty
 */
public record TimelineEntry(
    long atNanos, EgressStatus status, int epoch, String node, String reason) {}
