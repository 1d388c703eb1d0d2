/**
 * What both sides remember of requests: when the next one falls due, and which ids were here
 * already. In: ids and moments. Never blocks, never grows beyond what it was given.
 */
@NullMarked
package io.spillway.rpc.pending;

import org.jspecify.annotations.NullMarked;
