/**
 * The door to the containers. In: a codec and a path. Out: a writer for it, or a file left by a
 * crash made whole. Never knows what is recorded, or why.
 */
@NullMarked
package io.spillway.media.track;

import org.jspecify.annotations.NullMarked;
