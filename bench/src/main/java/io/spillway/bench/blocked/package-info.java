/**
 * A node whose RPC can be blocked from within, which nothing outside a process could do. In: a
 * message on Redis. Out: a thread of the node's bus that never comes back. Never part of a node
 * that is shipped: its composition root is this bench's.
 */
@NullMarked
package io.spillway.bench.blocked;

import org.jspecify.annotations.NullMarked;
