package io.spillway.store.outbox;

/**
 * What waits for one address.
 *
 * @param waiting deliveries, due or not
 * @param nextAtNanos of the earliest attempt, Unix time
 * @param sinceNanos since when the oldest has been waiting, Unix time
 */
public record Backlog(String url, long waiting, long nextAtNanos, long sinceNanos) {}
