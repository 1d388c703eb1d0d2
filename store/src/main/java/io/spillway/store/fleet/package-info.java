/**
 * What controllers share about nodes and about each other. In: judgements, beats, claims. Out: the
 * same, as the last writer left them, and whether a change was made by whom it was meant to be
 * made. Never judges a node and never reads a clock of the database.
 */
@NullMarked
package io.spillway.store.fleet;

import org.jspecify.annotations.NullMarked;
