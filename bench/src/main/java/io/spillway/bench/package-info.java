/**
 * Measurements of a whole node against real peers. In: a command line. Out: tables, verdicts, JSON.
 * Never part of what is shipped: only tests depend on it.
 */
@NullMarked
package io.spillway.bench;

import org.jspecify.annotations.NullMarked;
