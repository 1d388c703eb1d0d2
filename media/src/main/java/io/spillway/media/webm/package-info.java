/**
 * VP8, VP9 and AV1 into WebM (Matroska, RFC 9559; EBML, RFC 8794). In: frames placed on the file's
 * clock. Out: a log of whole clusters that is only appended to; at the end cues behind it and a few
 * fields in front, in room reserved for them. Never decodes.
 */
@NullMarked
package io.spillway.media.webm;

import org.jspecify.annotations.NullMarked;
