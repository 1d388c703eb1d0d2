/**
 * When a frame belongs into the file. In: RTP ticks, arrival times, and what is known of breaks.
 * Out: ticks since the start of the file. Never reads a clock, never touches media.
 */
@NullMarked
package io.spillway.media.timeline;

import org.jspecify.annotations.NullMarked;
