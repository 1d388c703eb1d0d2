package io.spillway.rtc.rtp;

import java.util.random.RandomGenerator;

/**
 * What a receiver tells the sender: lost packets (NACK), wishes for key frames (PLI), reports. Owns
 * the receiver's SSRC and canonical name. NACK and PLI go alone (reduced size, RFC 5506), reports
 * in a compound packet.
 */
final class Feedback {
  private static final long FIRST_REPORT_NANOS = 200_000_000L;

  private final TrackReceiver.Out out;
  private final RandomGenerator random;
  private final long intervalNanos;
  private final int ssrc;
  private final String canonicalName;
  private final RtcpWriter writer = new RtcpWriter();
  private final long[] missing = new long[RtcpWriter.MAX_NACKS];
  private long reportNanos;
  private long nacks;

  /** Feedback with a report each {@code intervalNanos} on average. */
  Feedback(TrackReceiver.Out out, RandomGenerator random, long intervalNanos) {
    this.out = out;
    this.random = random;
    this.intervalNanos = intervalNanos;
    ssrc = random.nextInt();
    canonicalName = Long.toString(random.nextLong() >>> 1, Character.MAX_RADIX);
  }

  /** A stream began: an early report lets the sender measure the round trip. */
  void start(long nowNanos) {
    reportNanos = nowNanos + FIRST_REPORT_NANOS;
  }

  /** When the next report is due. */
  long reportNanos() {
    return reportNanos;
  }

  /** Sequence numbers asked for so far. */
  long nacks() {
    return nacks;
  }

  void askForMissing(ReorderBuffer reorder, int mediaSsrc, long nowNanos) {
    int count = reorder.collect(nowNanos, missing);
    if (count > 0) {
      nacks += count;
      writer.start().nack(ssrc, mediaSsrc, missing, count);
      send();
    }
  }

  void askForKeyFrame(int mediaSsrc) {
    writer.start().pictureLoss(ssrc, mediaSsrc);
    send();
  }

  void reportIfDue(ReceptionReport report, int mediaSsrc, long highest, long nowNanos) {
    if (nowNanos < reportNanos) {
      return;
    }
    writer.start();
    report.write(writer, ssrc, mediaSsrc, highest, nowNanos);
    writer.canonicalName(ssrc, canonicalName);
    send();
    // RFC 3550 6.2: spread, or the reports of all tracks of a node come in step.
    reportNanos = nowNanos + intervalNanos * 3 / 4 + random.nextLong(intervalNanos / 2);
  }

  private void send() {
    out.sendRtcp(writer.buffer(), 0, writer.length());
  }
}
