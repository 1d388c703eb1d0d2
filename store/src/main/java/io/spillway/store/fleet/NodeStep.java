package io.spillway.store.fleet;

/**
 * A change in what is thought of a node.
 *
 * @param atNanos when the store took it in, Unix time in nanoseconds
 */
public record NodeStep(long atNanos, String state, String reason) {}
