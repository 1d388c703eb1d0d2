package io.spillway.store.outbox;

import io.spillway.protocol.livekit.EgressInfo;

/**
 * Something that happened to an egress.
 *
 * @param id {@code EV_…}; the same for every address and every attempt
 * @param sequence counts the egress's events from 1; those that nobody wanted leave a gap
 * @param createdAtNanos Unix time in nanoseconds
 * @param info of the egress at that moment, redacted
 */
public record OutboxEvent(
    String id, EventKind kind, int sequence, long createdAtNanos, EgressInfo info) {}
