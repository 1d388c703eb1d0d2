/**
 * What a node tells its controllers about itself: leases, and answers to canaries. In: the node's
 * own state, orders that come back. Out: messages. Never judges the node: that is done from
 * outside.
 */
@NullMarked
package io.spillway.node.fleet;

import org.jspecify.annotations.NullMarked;
