/**
 * Decisions about nodes as pure functions: whether a node can take one more egress, how well it is,
 * who may be taken out of service, who gets a start, what follows when nobody confirms it, and what
 * becomes of an egress whose node is lost. In: what is known. Out: what is to be done. Never a
 * clock, a socket or a lock; chance comes in as a generator. Controllers and the simulation call
 * the same functions.
 */
@NullMarked
package io.spillway.core.fleet;

import org.jspecify.annotations.NullMarked;
