package io.spillway.rtc.rtp;

/**
 * The numbers of a receiver report: interarrival jitter (RFC 3550 A.8), loss fraction (A.3) and the
 * echo of the last sender report (6.4.1). One stream; starts anew with a new one.
 */
final class ReceptionReport {
  private static final long DELAY_UNITS_PER_SECOND = 65_536;

  private final int clockRate;
  private boolean measured;
  private int lastTransit;
  private long scaledJitter;
  private long first;
  private long received;
  private long expectedBefore;
  private long receivedBefore;
  private boolean reported;
  private int lastReport;
  private long lastReportNanos;

  ReceptionReport(int clockRate) {
    this.clockRate = clockRate;
  }

  void start(long sequence) {
    measured = false;
    scaledJitter = 0;
    first = sequence;
    received = 0;
    expectedBefore = 0;
    receivedBefore = 0;
    reported = false;
  }

  /** A packet came; {@code newest} if none overtook it (others would only measure reordering). */
  void received(int timestamp, long nowNanos, boolean newest) {
    received++;
    if (!newest) {
      return;
    }
    // Wraps as the timestamp does; only differences count.
    int arrival = (int) (nowNanos / 1_000 * clockRate / 1_000_000);
    int transit = arrival - timestamp;
    if (measured) {
      long difference = Math.abs((long) (transit - lastTransit));
      scaledJitter += difference - ((scaledJitter + 8) >> 4);
    }
    measured = true;
    lastTransit = transit;
  }

  /** A packet from before the first one came after it: the stream began earlier. */
  void reachesBackTo(long sequence) {
    first = Math.min(first, sequence);
  }

  void senderReport(long ntp, long nowNanos) {
    reported = true;
    lastReport = (int) (ntp >> 16);
    lastReportNanos = nowNanos;
  }

  /** Packets that should have come since the start. */
  long expected(long highest) {
    return highest - first + 1;
  }

  /** Interarrival jitter in ticks. */
  long jitter() {
    return scaledJitter >> 4;
  }

  /** Adds the report to the packet and begins the next interval. */
  void write(RtcpWriter writer, int ssrc, int mediaSsrc, long highest, long nowNanos) {
    long expected = expected(highest);
    long inInterval = expected - expectedBefore;
    long lostInInterval = inInterval - (received - receivedBefore);
    int fraction =
        inInterval <= 0 || lostInInterval <= 0
            ? 0
            : (int) Math.min(255, (lostInInterval << 8) / inInterval);
    expectedBefore = expected;
    receivedBefore = received;
    // Microseconds: a report hours ago must not overflow.
    long delay = (nowNanos - lastReportNanos) / 1_000 * DELAY_UNITS_PER_SECOND / 1_000_000;
    writer.receiverReport(
        ssrc,
        mediaSsrc,
        fraction,
        expected - received,
        (int) highest,
        jitter(),
        reported ? lastReport : 0,
        reported ? (int) delay : 0);
  }
}
