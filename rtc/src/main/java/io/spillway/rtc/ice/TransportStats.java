package io.spillway.rtc.ice;

/**
 * Counts of one transport since it was opened; a moment old.
 *
 * @param rtpPackets RTP packets handed on
 * @param rtcpPackets RTCP packets handed on
 * @param earlyBuffered packets that came before the keys and were kept
 * @param earlyDropped packets that came before the keys and found no room
 * @param replayed packets that had come before, or were older than the replay window
 * @param notAuthentic packets whose authentication failed
 * @param malformed datagrams that are no packet of any kind we know, or broken ones
 * @param oversized datagrams larger than 2048 bytes
 * @param sendDropped packets not sent: not connected, or no room in the kernel
 * @param roundTripNanos smoothed round trip of ICE checks, 0 when none was measured
 */
public record TransportStats(
    long rtpPackets,
    long rtcpPackets,
    long earlyBuffered,
    long earlyDropped,
    long replayed,
    long notAuthentic,
    long malformed,
    long oversized,
    long sendDropped,
    long roundTripNanos) {}
