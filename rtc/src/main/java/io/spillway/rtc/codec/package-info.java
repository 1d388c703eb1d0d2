/**
 * RTP payload formats. In: payloads in sequence with the places where some are missing (or whole
 * frames, to send). Out: frames in the shapes that {@link io.spillway.rtc.Frame} documents (or
 * payloads of at most one packet's size). Never decodes pictures or sound: it reads no further than
 * the headers that say whether a picture is a key frame and how large it is. Input is hostile:
 * whatever comes is either a frame or counted, never an exception.
 */
@NullMarked
package io.spillway.rtc.codec;

import org.jspecify.annotations.NullMarked;
