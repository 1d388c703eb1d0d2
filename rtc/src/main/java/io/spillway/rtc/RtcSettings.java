package io.spillway.rtc;

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
 */
public record RtcSettings(
    int selectorThreads,
    int udpReceiveBufferBytes,
    int udpPortMin,
    int udpPortMax,
    int joinsAtOnce) {
  /** One selector thread, 512 KiB per socket, any port, 32 joins at once. */
  public static RtcSettings defaults() {
    return new RtcSettings(1, 512 << 10, 0, 0, 32);
  }
}
