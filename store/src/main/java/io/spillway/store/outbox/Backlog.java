package io.spillway.store.outbox;

/**
 * What waits for one address.
 *
 * @param waiting deliveries, due or not
 * @param nextAtNanos of the earliest attempt, Unix time
 * @param oldestAtNanos when the oldest event that waits came about, Unix time
 */
public record Backlog(String url, long waiting, long nextAtNanos, long oldestAtNanos) {}
