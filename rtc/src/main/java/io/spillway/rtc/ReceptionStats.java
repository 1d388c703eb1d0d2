package io.spillway.rtc;

/**
 * Counters of one subscription since its start, over all its reconnects.
 *
 * @param packetsExpected by the extended highest sequence number (RFC 3550 A.3), reconnects summed
 * @param packetsReceived distinct packets that came in time or late
 * @param packetsLost never came, or too late to be used
 * @param packetsRecovered came after a NACK
 * @param nacksSent sequence numbers asked for again
 * @param plisSent key frames asked for
 * @param bytes payload bytes received
 * @param framesDropped pictures that were incomplete or undecodable and left out
 * @param reconnects repairs of the connection of any kind
 * @param packetsUnseen packets that the sender's reports count and that had not come by then: it
 *     rises where a stream flows and does not arrive, which nothing else tells while no packet
 *     comes
 */
public record ReceptionStats(
    long packetsExpected,
    long packetsReceived,
    long packetsLost,
    long packetsRecovered,
    long nacksSent,
    long plisSent,
    long bytes,
    long framesDropped,
    int reconnects,
    long packetsUnseen) {
  /** Nothing received yet. */
  public static final ReceptionStats NONE = new ReceptionStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** The counters of both together. */
  public ReceptionStats plus(ReceptionStats other) {
    return new ReceptionStats(
        packetsExpected + other.packetsExpected,
        packetsReceived + other.packetsReceived,
        packetsLost + other.packetsLost,
        packetsRecovered + other.packetsRecovered,
        nacksSent + other.nacksSent,
        plisSent + other.plisSent,
        bytes + other.bytes,
        framesDropped + other.framesDropped,
        reconnects + other.reconnects,
        packetsUnseen + other.packetsUnseen);
  }
}
