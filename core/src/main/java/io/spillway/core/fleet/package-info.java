/**
 * Decisions about nodes as pure functions: whether a node can take one more egress. Never a clock,
 * a socket or a lock.
 */
@NullMarked
package io.spillway.core.fleet;

import org.jspecify.annotations.NullMarked;
