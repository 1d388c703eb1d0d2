package io.spillway.rtc.rtp;

/** The fixed header of an RTP packet (RFC 3550 5.1), read into fields; reused for each packet. */
final class RtpHeader {
  static final int FIXED_BYTES = 12;

  boolean marker;
  int payloadType;
  int sequence;
  int timestamp;
  int ssrc;
  int payloadOffset;

  /** Without padding; 0 for a packet of padding alone. */
  int payloadLength;

  /** Reads a packet; false when it isn't RTP version 2 or its lengths don't fit. */
  boolean parse(byte[] buffer, int offset, int length) {
    if (length < FIXED_BYTES || (buffer[offset] & 0xc0) != 0x80) {
      return false;
    }
    int flags = buffer[offset];
    int end = offset + length;
    int payload = offset + FIXED_BYTES + 4 * (flags & 15);
    if ((flags & 0x10) != 0) {
      if (payload + 4 > end) {
        return false;
      }
      payload += 4 + 4 * Bytes.unsignedShort(buffer, payload + 2);
    }
    int size = end - payload;
    if (size < 0) {
      return false;
    }
    if ((flags & 0x20) != 0) {
      int padding = size == 0 ? 0 : buffer[end - 1] & 0xff;
      if (padding == 0 || padding > size) {
        return false;
      }
      size -= padding;
    }
    marker = buffer[offset + 1] < 0;
    payloadType = buffer[offset + 1] & 0x7f;
    sequence = Bytes.unsignedShort(buffer, offset + 2);
    timestamp = Bytes.intAt(buffer, offset + 4);
    ssrc = Bytes.intAt(buffer, offset + 8);
    payloadOffset = payload;
    payloadLength = size;
    return true;
  }
}
