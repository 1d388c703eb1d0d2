/**
 * The way to one peer: ICE (RFC 8445) on a UDP socket, DTLS-SRTP keys, and packets in clear. In:
 * the peer's parameters from signalling, datagrams, packets to send. Out: decrypted RTP and RTCP,
 * "connected", "interrupted", "failed". Never reads SDP, never looks into an RTP payload.
 */
@NullMarked
package io.spillway.rtc.ice;

import org.jspecify.annotations.NullMarked;
