/**
 * LiveKit's signalling protocol and the SDP inside it. In: what a participant wants (one track),
 * and the server's messages, which are hostile until parsed. Out: WebSocket frames, session
 * descriptions, and the few facts of a room that one track's subscriber needs. Never decides what a
 * loss or a refusal means: that is {@code session}'s.
 */
@NullMarked
package io.spillway.rtc.signal;

import org.jspecify.annotations.NullMarked;
