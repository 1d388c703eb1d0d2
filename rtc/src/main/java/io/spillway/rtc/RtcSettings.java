package io.spillway.rtc;

import io.spillway.rtc.srtp.SrtpProfile;
import java.util.List;

/**
 * How the engine uses the machine.
 *
 * @param selectorThreads threads that carry the packets of all tracks, 1 is enough for hundreds
 * @param udpReceiveBufferBytes socket buffer asked for per track connection (the kernel caps it at
 *     {@code net.core.rmem_max})
 * @param udpPortMin lowest local UDP port, 0 for any
 * @param udpPortMax highest local UDP port, 0 for any
 * @param joinsAtOnce joins in handshake at the same time; more wait their turn (a cold JVM starves
 *     otherwise)
 * @param srtpProfiles offered in DTLS, the one liked best first; a peer has its own order
 */
public record RtcSettings(
    int selectorThreads,
    int udpReceiveBufferBytes,
    int udpPortMin,
    int udpPortMax,
    int joinsAtOnce,
    List<SrtpProfile> srtpProfiles) {
  /** Copies the list. */
  public RtcSettings {
    srtpProfiles = List.copyOf(srtpProfiles);
  }

  /** One selector thread, 512 KiB per socket, any port, 32 joins at once, every profile. */
  public static RtcSettings defaults() {
    return new RtcSettings(1, 512 << 10, 0, 0, 32, List.of(SrtpProfile.values()));
  }
}
