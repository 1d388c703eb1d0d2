package io.spillway.rtc.srtp;

/** How far the header of an RTP packet goes (RFC 3550 section 5.1), which SRTP leaves in clear. */
final class RtpHeader {
  static final int FIXED_BYTES = 12;
  private static final int EXTENSION_FLAG = 0x10;

  private RtpHeader() {}

  /** Bytes of header with sources and extension, or -1 when the packet ends before it does. */
  static int bytes(byte[] packet, int offset, int length) {
    if (length < FIXED_BYTES) {
      return -1;
    }
    int header = FIXED_BYTES + 4 * (packet[offset] & 0x0f);
    if ((packet[offset] & EXTENSION_FLAG) != 0) {
      if (length < header + 4) {
        return -1;
      }
      header += 4 + 4 * Bytes.uint16(packet, offset + header + 2);
    }
    return header <= length ? header : -1;
  }
}
