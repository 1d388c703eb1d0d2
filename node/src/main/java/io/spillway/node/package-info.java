/**
 * An egress node: {@code request → admission → recorder → report}, with {@code recovery} at its
 * start. In: start and stop requests over RPC. Out: files, and statuses that are repeated until
 * acknowledged. Never trusted about its own health: controllers judge it from outside.
 */
@NullMarked
package io.spillway.node;

import org.jspecify.annotations.NullMarked;
