/**
 * LiveKit rooms as timed, encoded frames, in pure Java. In: a server's URL, a token, a track. Out:
 * frames in order on one clock, or the one cause why they ended. Never decodes media, never touches
 * a disk, knows nothing of egresses.
 *
 * <p>{@link io.spillway.rtc.RtcEngine} is the door; the packages below it are the steps of a
 * packet: {@code net} (sockets and the selector thread), {@code ice}, {@code dtls}, {@code srtp},
 * {@code rtp} (order, loss, reports), {@code codec} (payloads to frames), {@code signal} (LiveKit's
 * signalling and SDP), {@code session} (one participant, its reconnects).
 */
@NullMarked
package io.spillway.rtc;

import org.jspecify.annotations.NullMarked;
