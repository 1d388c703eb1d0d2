/**
 * A whole cluster in one thread, from one seed: controllers and nodes, a store, a bus that loses,
 * delays, repeats, reorders and splits, a webhook receiver, an SFU that evicts. The controllers
 * decide with the real code (fleet book, start plan, reconciler, status service); nodes, bus and
 * store are models. Invariants are checked at each step that touches them. In: a seed. Out: what
 * happened, and each broken rule. Never a second thread, a real clock or a chance of its own.
 */
@NullMarked
package io.spillway.simulation;

import org.jspecify.annotations.NullMarked;
