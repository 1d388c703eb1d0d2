/**
 * The serving side of psrpc. In: requests of a bus. Out: claims, and answers of handlers that run
 * on virtual threads. The bus's reader only bids and keeps short lists; it never runs a handler.
 */
@NullMarked
package io.spillway.rpc.server;

import org.jspecify.annotations.NullMarked;
