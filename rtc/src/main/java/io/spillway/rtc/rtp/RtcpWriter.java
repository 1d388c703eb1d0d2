package io.spillway.rtc.rtp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes RTCP packets into a buffer of its own that has room for the SRTCP tag behind. Start, add
 * packets, then send {@link #buffer} from 0 to {@link #length}. Reused.
 */
final class RtcpWriter {
  /** As many sequence numbers in one NACK as fit far below an MTU whatever their distances. */
  static final int MAX_NACKS = 128;

  private static final int ROOM_BEHIND = 64;
  private static final int CAPACITY_BYTES = 640;
  private static final int CNAME = 1;
  private static final int NACK_REACH = 16;
  private static final long CUMULATIVE_MAX = 0x7fffff;

  private final byte[] buffer = new byte[CAPACITY_BYTES + ROOM_BEHIND];
  private int length;

  RtcpWriter start() {
    length = 0;
    return this;
  }

  byte[] buffer() {
    return buffer;
  }

  int length() {
    return length;
  }

  /** A receiver report with one block; {@code lastReport} and {@code delay} as RFC 3550 6.4.1. */
  void receiverReport(
      int ssrc,
      int mediaSsrc,
      int fractionLost,
      long cumulativeLost,
      int highestSequence,
      long jitter,
      int lastReport,
      int delay) {
    header(RtcpReader.RECEIVER_REPORT, 1, 7);
    putInt(ssrc);
    putInt(mediaSsrc);
    long lost = Math.max(-CUMULATIVE_MAX - 1, Math.min(CUMULATIVE_MAX, cumulativeLost));
    putInt((fractionLost << 24) | (int) (lost & 0xffffff));
    putInt(highestSequence);
    putInt((int) jitter);
    putInt(lastReport);
    putInt(delay);
  }

  /** A report on nothing: what a compound packet begins with when there is nothing to report. */
  void emptyReceiverReport(int ssrc) {
    header(RtcpReader.RECEIVER_REPORT, 0, 1);
    putInt(ssrc);
  }

  void senderReport(int ssrc, long ntp, int timestamp, long packets, long octets) {
    header(RtcpReader.SENDER_REPORT, 0, 6);
    putInt(ssrc);
    Bytes.putLong(buffer, length, ntp);
    length += 8;
    putInt(timestamp);
    putInt((int) packets);
    putInt((int) octets);
  }

  /** The canonical name that every compound packet must carry (RFC 3550 6.1). */
  void canonicalName(int ssrc, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    int size = Math.min(text.length, 255);
    // One chunk: source, item, at least one zero, on a 32-bit boundary.
    int words = 1 + (2 + size + 4) / 4;
    header(RtcpReader.SOURCE_DESCRIPTION, 1, words);
    putInt(ssrc);
    int chunkEnd = length + 4 * (words - 1);
    Arrays.fill(buffer, length, chunkEnd, (byte) 0);
    buffer[length] = CNAME;
    buffer[length + 1] = (byte) size;
    System.arraycopy(text, 0, buffer, length + 2, size);
    length = chunkEnd;
  }

  void bye(int ssrc) {
    header(RtcpReader.BYE, 1, 1);
    putInt(ssrc);
  }

  void pictureLoss(int ssrc, int mediaSsrc) {
    header(RtcpReader.PAYLOAD_FEEDBACK, RtcpReader.PICTURE_LOSS, 2);
    putInt(ssrc);
    putInt(mediaSsrc);
  }

  /** A generic NACK (RFC 4585 6.2.1) of growing sequence numbers, at most {@link #MAX_NACKS}. */
  void nack(int ssrc, int mediaSsrc, long[] sequences, int count) {
    int start = length;
    length += 4;
    putInt(ssrc);
    putInt(mediaSsrc);
    int i = 0;
    while (i < count) {
      long first = sequences[i++];
      int following = 0;
      while (i < count && sequences[i] - first <= NACK_REACH) {
        following |= 1 << (int) (sequences[i++] - first - 1);
      }
      putInt(((int) first << 16) | following);
    }
    int end = length;
    length = start;
    header(RtcpReader.TRANSPORT_FEEDBACK, RtcpReader.NACK, (end - start) / 4 - 1);
    length = end;
  }

  private void header(int type, int count, int words) {
    buffer[length] = (byte) (0x80 | count);
    buffer[length + 1] = (byte) type;
    Bytes.putShort(buffer, length + 2, words);
    length += 4;
  }

  private void putInt(int value) {
    Bytes.putInt(buffer, length, value);
    length += 4;
  }
}
