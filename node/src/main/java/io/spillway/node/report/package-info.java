/**
 * Statuses on their way to whoever keeps them. In: an egress's newest EgressInfo. Out: CreateEgress
 * and UpdateEgress calls, per egress in order, repeated until acknowledged; each written to the
 * node's journal first. Never drops a status because of an error, never lets one egress wait for
 * another.
 */
@NullMarked
package io.spillway.node.report;

import org.jspecify.annotations.NullMarked;
