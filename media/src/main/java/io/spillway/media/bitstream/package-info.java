/**
 * What a container must know of the codec inside: durations, picture sizes, parameter sets. In: the
 * first bytes of encoded frames. Out: small values. Never decodes pictures or sound, never trusts
 * its input: what doesn't parse is answered with "don't know".
 */
@NullMarked
package io.spillway.media.bitstream;

import org.jspecify.annotations.NullMarked;
