/**
 * The ground that all containers stand on: what a track writer promises, and the file it writes to.
 * In: encoded frames placed on the file's own clock. Out: bytes in a file, each append whole or not
 * at all. Containers live in {@code ogg}, {@code webm}, {@code mp4}; {@code track} is the door to
 * them. Never uploads, knows nothing of rooms or egresses.
 */
@NullMarked
package io.spillway.media;

import org.jspecify.annotations.NullMarked;
