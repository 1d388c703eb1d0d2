package io.spillway.rtc.rtp;

/**
 * Walks over the packets of a compound RTCP packet (RFC 3550 6.1). Stops at the first whose lengths
 * don't fit; never reads outside. Reused.
 */
final class RtcpReader {
  static final int SENDER_REPORT = 200;
  static final int RECEIVER_REPORT = 201;
  static final int SOURCE_DESCRIPTION = 202;
  static final int BYE = 203;
  static final int TRANSPORT_FEEDBACK = 205;
  static final int PAYLOAD_FEEDBACK = 206;

  /** Feedback message types: of RFC 4585 in transport feedback, of RFC 4585/5104 in payload's. */
  static final int NACK = 1;

  static final int PICTURE_LOSS = 1;
  static final int FULL_INTRA = 4;

  private static final int HEADER_BYTES = 4;

  byte[] data = new byte[0];

  /** Packet type. */
  int type;

  /** The five bits of report count, source count or feedback message type. */
  int count;

  /** What follows the four header bytes. */
  int bodyOffset;

  int bodyLength;
  private int position;
  private int end;
  private boolean malformed;

  void start(byte[] buffer, int offset, int length) {
    data = buffer;
    position = offset;
    end = offset + length;
    malformed = false;
  }

  /** Moves to the next packet; false at the end or where the rest isn't RTCP. */
  boolean next() {
    if (position == end) {
      return false;
    }
    if (end - position < HEADER_BYTES || (data[position] & 0xc0) != 0x80) {
      return stop();
    }
    int length = 4 * (Bytes.unsignedShort(data, position + 2) + 1);
    if (length > end - position) {
      return stop();
    }
    count = data[position] & 31;
    type = data[position + 1] & 0xff;
    bodyOffset = position + HEADER_BYTES;
    bodyLength = length - HEADER_BYTES;
    if ((data[position] & 0x20) != 0) {
      int padding = data[position + length - 1] & 0xff;
      if (padding == 0 || padding > bodyLength) {
        return stop();
      }
      bodyLength -= padding;
    }
    position += length;
    return true;
  }

  /** Whether the walk ended before the end. */
  boolean malformed() {
    return malformed;
  }

  private boolean stop() {
    malformed = true;
    position = end;
    return false;
  }
}
