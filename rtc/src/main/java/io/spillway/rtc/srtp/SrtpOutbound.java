package io.spillway.rtc.srtp;

/** Protects what we send. */
public final class SrtpOutbound {
  /** Most bytes that protection adds to any packet. */
  public static final int MOST_OVERHEAD_BYTES = 20;

  private static final int INDEX_MASK = 0x7fffffff;

  private final PacketCipher cipher;
  private final StreamWindows streams = new StreamWindows();
  private int rtcpIndex;

  SrtpOutbound(PacketCipher cipher) {
    this.cipher = cipher;
  }

  /**
   * Protects an RTP packet in place; the array has {@link #MOST_OVERHEAD_BYTES} of room behind. A
   * packet may be sent again unchanged.
   *
   * @return the new length
   */
  public int rtp(byte[] packet, int offset, int length) {
    int header = RtpHeader.bytes(packet, offset, length);
    if (header < 0) {
      throw new IllegalArgumentException("not an RTP packet: " + length + " bytes");
    }
    int ssrc = Bytes.int32(packet, offset + 8);
    int sequence = Bytes.uint16(packet, offset + 2);
    return cipher.sealRtp(packet, offset, header, length, index(ssrc, sequence));
  }

  private long index(int ssrc, int sequence) {
    ReplayWindow stream = streams.find(ssrc);
    if (stream == null) {
      streams.add(ssrc, new ReplayWindow(sequence));
      return sequence;
    }
    long index = Math.max(stream.nearest(sequence), 0);
    if (stream.isFresh(index)) {
      stream.accept(index);
    }
    return index;
  }

  /**
   * Protects an RTCP compound packet in place; the array has {@link #MOST_OVERHEAD_BYTES} of room
   * behind.
   *
   * @return the new length
   */
  public int rtcp(byte[] packet, int offset, int length) {
    if (length < PacketCipher.RTCP_HEADER_BYTES) {
      throw new IllegalArgumentException("not an RTCP packet: " + length + " bytes");
    }
    rtcpIndex = (rtcpIndex + 1) & INDEX_MASK;
    return cipher.sealRtcp(packet, offset, length, rtcpIndex);
  }
}
