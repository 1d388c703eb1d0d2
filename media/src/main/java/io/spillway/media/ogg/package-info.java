/**
 * Opus packets into an Ogg file (RFC 3533, RFC 7845). In: packets placed on the file's clock. Out:
 * pages of at most a second, silence where nothing came. Never decodes, never resamples.
 */
@NullMarked
package io.spillway.media.ogg;

import org.jspecify.annotations.NullMarked;
