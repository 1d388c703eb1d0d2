/**
 * Frames into container files that are valid at any moment. In: encoded frames placed on the file's
 * own clock. Out: Ogg, WebM and MP4 that a player opens even if the process died while writing,
 * made seekable at the end without copying. Never uploads, knows nothing of rooms or egresses.
 */
@NullMarked
package io.spillway.media;

import org.jspecify.annotations.NullMarked;
