/**
 * The life of an egress as values and one pure function: {@link io.spillway.core.egress.Lifecycle}.
 * In: what happened. Out: the next state and what has to be done. And what controller and node both
 * go by: the rules of a copy, {@link io.spillway.core.egress.Passthrough}, and of several files,
 * {@link io.spillway.core.egress.RecordedFiles}. Never a clock, a disk or a message sent.
 */
@NullMarked
package io.spillway.core.egress;

import org.jspecify.annotations.NullMarked;
