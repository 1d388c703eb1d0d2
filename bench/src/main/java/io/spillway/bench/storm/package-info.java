/**
 * A psrpc peer that does everything wrong on a Redis in trouble, and clients that have to come
 * through it. In: a client, ours or Go's. Out: what became of its calls, during and after.
 */
@NullMarked
package io.spillway.bench.storm;

import org.jspecify.annotations.NullMarked;
