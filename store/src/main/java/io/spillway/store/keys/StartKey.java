package io.spillway.store.keys;

/**
 * A start that its client has a name for.
 *
 * @param apiKey whose token asked
 * @param key the client's {@code Idempotency-Key}
 * @param bodyHash of method and request
 * @param egressId that the start has, or is to have
 * @param createdAtNanos Unix time in nanoseconds
 */
public record StartKey(
    String apiKey, String key, String bodyHash, String egressId, long createdAtNanos) {}
