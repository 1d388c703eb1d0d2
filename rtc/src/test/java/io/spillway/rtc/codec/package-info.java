/** Tests of the payload formats: vectors laid out by hand from the RFCs, and seeded fuzzing. */
@NullMarked
package io.spillway.rtc.codec;

import org.jspecify.annotations.NullMarked;
