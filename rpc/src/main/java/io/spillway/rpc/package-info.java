/**
 * LiveKit's psrpc: requests, claims and responses as messages on a bus. In: a call with a deadline.
 * Out: the answer, or an {@link io.spillway.rpc.RpcException} with a code, by that deadline,
 * whatever the bus or the peer does. Never blocks a reader.
 */
@NullMarked
package io.spillway.rpc;

import org.jspecify.annotations.NullMarked;
