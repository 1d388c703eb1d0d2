/**
 * DTLS 1.2 handshakes for SRTP keys (RFC 5763, RFC 5764), on Bouncy Castle. In: datagrams of one
 * peer and the fingerprint that signalling promised. Out: datagrams to send, keying material, or
 * why there is none. Never touches a socket; blocks only virtual threads of its own.
 */
@NullMarked
package io.spillway.rtc.dtls;

import org.jspecify.annotations.NullMarked;
