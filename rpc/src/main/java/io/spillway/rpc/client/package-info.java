/**
 * The calling side of psrpc. In: a request with a deadline. Out: the answer or an exception by that
 * deadline. Claims and answers are folded into their call on the bus's reader, so that a peer that
 * repeats itself, is late or lies fills nothing and blocks nobody.
 */
@NullMarked
package io.spillway.rpc.client;

import org.jspecify.annotations.NullMarked;
