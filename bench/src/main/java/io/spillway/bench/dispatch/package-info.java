/**
 * What a start costs a controller, however many nodes there are. In: numbers of nodes. Out: starts
 * per second and latency, straight to the chosen node and by broadcast claims; what canaries cost
 * Redis. Never records: the nodes answer at once.
 */
@NullMarked
package io.spillway.bench.dispatch;

import org.jspecify.annotations.NullMarked;
