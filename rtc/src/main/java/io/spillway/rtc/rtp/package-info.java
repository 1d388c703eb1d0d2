/**
 * RTP and RTCP of one track, in both directions. In: decrypted packets with the moment of their
 * arrival, and ticks. Out: frames in order, and RTCP to be encrypted (receiver); RTP packets and
 * sender reports (sender). Never opens a socket, starts a thread or reads a clock: all calls come
 * on the selector thread with the time handed in.
 */
@NullMarked
package io.spillway.rtc.rtp;

import org.jspecify.annotations.NullMarked;
