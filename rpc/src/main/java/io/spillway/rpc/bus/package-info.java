/**
 * The two buses: in memory and Redis, under one contract. In: bytes for a channel. Out: the same
 * bytes to whoever listens at that moment, at most once. They know nothing of requests and never
 * wait for a receiver.
 */
@NullMarked
package io.spillway.rpc.bus;

import org.jspecify.annotations.NullMarked;
