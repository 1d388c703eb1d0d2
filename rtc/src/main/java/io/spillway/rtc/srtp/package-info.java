/**
 * SRTP and SRTCP (RFC 3711, RFC 7714). In: protected packets and keys. Out: packets in clear, or
 * the reason why not; and the reverse. Never keeps a packet, never touches a socket or a clock.
 * Nothing here is thread-safe: one thread per direction.
 */
@NullMarked
package io.spillway.rtc.srtp;

import org.jspecify.annotations.NullMarked;
