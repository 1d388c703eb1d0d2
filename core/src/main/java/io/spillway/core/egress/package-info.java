/**
 * The life of an egress as values and one pure function: {@link io.spillway.core.egress.Lifecycle}.
 * In: what happened. Out: the next state and what has to be done. Never a clock, a disk or a
 * message.
 */
@NullMarked
package io.spillway.core.egress;

import org.jspecify.annotations.NullMarked;
