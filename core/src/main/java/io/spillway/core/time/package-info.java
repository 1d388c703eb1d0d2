/**
 * Time as a value that is handed in. Nothing outside this package reads a system clock, so that
 * every decision and every failure test runs on {@link io.spillway.core.time.SimulatedTime} as
 * well.
 */
@NullMarked
package io.spillway.core.time;

import org.jspecify.annotations.NullMarked;
