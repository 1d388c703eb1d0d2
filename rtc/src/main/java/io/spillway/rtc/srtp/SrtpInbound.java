package io.spillway.rtc.srtp;

/**
 * Takes protection off what the peer sends: finds the packet's index, refuses what came before,
 * checks authenticity, decrypts. State changes only with authentic packets, so that forged ones
 * cost time and nothing else.
 */
public final class SrtpInbound {
  /** The packet came before, or is older than what is remembered. */
  public static final int REPLAYED = -2;

  /** The packet wasn't protected with the peer's key, or was changed. */
  public static final int NOT_AUTHENTIC = PacketCipher.NOT_AUTHENTIC;

  /** Too short, or not what it claims to be. */
  public static final int MALFORMED = -3;

  private static final long ROLL_OVER = 1 << 16;

  private final PacketCipher cipher;
  private final StreamWindows rtpWindows = new StreamWindows();
  private final StreamWindows rtcpWindows = new StreamWindows();

  SrtpInbound(PacketCipher cipher) {
    this.cipher = cipher;
  }

  /**
   * Opens an RTP packet.
   *
   * @param clear gets the packet in clear from 0; at least {@code length} long, another array
   * @return the length in clear, or one of the negative reasons
   */
  public int rtp(byte[] packet, int offset, int length, byte[] clear) {
    int header = RtpHeader.bytes(packet, offset, length);
    if (header < 0 || length < header + cipher.rtpOverhead()) {
      return MALFORMED;
    }
    int ssrc = Bytes.int32(packet, offset + 8);
    int sequence = Bytes.uint16(packet, offset + 2);
    ReplayWindow window = rtpWindows.find(ssrc);
    if (window == null) {
      return firstRtp(packet, offset, header, length, clear);
    }
    long index = window.nearest(sequence);
    if (!window.isFresh(index)) {
      return REPLAYED;
    }
    int plain = cipher.openRtp(packet, offset, header, length, index, clear);
    if (plain >= 0) {
      window.accept(index);
    }
    return plain;
  }

  /**
   * The first packet of an SSRC: its roll-over counter is 0, or 1 when the packets before the
   * roll-over were lost on their way.
   */
  private int firstRtp(byte[] packet, int offset, int header, int length, byte[] clear) {
    int ssrc = Bytes.int32(packet, offset + 8);
    long index = Bytes.uint16(packet, offset + 2);
    int plain = cipher.openRtp(packet, offset, header, length, index, clear);
    if (plain < 0 && index < ReplayWindow.SIZE) {
      index += ROLL_OVER;
      plain = cipher.openRtp(packet, offset, header, length, index, clear);
    }
    if (plain >= 0) {
      rtpWindows.add(ssrc, new ReplayWindow(index));
    }
    return plain;
  }

  /**
   * Opens an RTCP compound packet.
   *
   * @param clear gets the packet in clear from 0; at least {@code length} long, another array
   * @return the length in clear, or one of the negative reasons
   */
  public int rtcp(byte[] packet, int offset, int length, byte[] clear) {
    if (length < PacketCipher.RTCP_HEADER_BYTES + cipher.rtcpOverhead()) {
      return MALFORMED;
    }
    int word = Bytes.int32(packet, offset + cipher.rtcpIndexAt(length));
    if ((word & PacketCipher.ENCRYPTED_FLAG) == 0) {
      return MALFORMED; // encryption was agreed on: a packet in clear isn't the peer's
    }
    long index = word & ~PacketCipher.ENCRYPTED_FLAG;
    int ssrc = Bytes.int32(packet, offset + 4);
    ReplayWindow window = rtcpWindows.find(ssrc);
    if (window != null && !window.isFresh(index)) {
      return REPLAYED;
    }
    int plain = cipher.openRtcp(packet, offset, length, clear);
    if (plain >= 0 && window != null) {
      window.accept(index);
    } else if (plain >= 0) {
      rtcpWindows.add(ssrc, new ReplayWindow(index));
    }
    return plain;
  }
}
