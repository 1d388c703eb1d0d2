/**
 * Our psrpc beside LiveKit's own, on one Redis. In: how many callers. Out: calls per second,
 * latencies, CPU per call of both. Never judges from a single round.
 */
@NullMarked
package io.spillway.bench.rpc;

import org.jspecify.annotations.NullMarked;
