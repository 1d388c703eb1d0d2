package io.spillway.rtc.srtp;

/**
 * Puts protection on packets of one direction and takes it off, the sequence bookkeeping left to
 * the caller. Opening writes to another array: the JDK's GCM, asked to decrypt in place, makes a
 * copy of its own each time, and a forged packet must not change the one that came.
 */
sealed interface PacketCipher permits GcmCipher, CounterCipher {
  /** The packet isn't what the peer sent. */
  int NOT_AUTHENTIC = -1;

  /** Length of the fixed part of an RTCP packet, which stays in clear. */
  int RTCP_HEADER_BYTES = 8;

  /** The bit that says an SRTCP packet is encrypted (RFC 3711 section 3.4). */
  int ENCRYPTED_FLAG = 0x80000000;

  static PacketCipher of(SrtpProfile profile, byte[] masterKey, byte[] masterSalt) {
    return switch (profile) {
      case AEAD_AES_256_GCM, AEAD_AES_128_GCM -> GcmCipher.derived(masterKey, masterSalt);
      case AES128_CM_HMAC_SHA1_80 -> CounterCipher.derived(masterKey, masterSalt);
    };
  }

  /** Bytes that protection adds to an RTP packet. */
  int rtpOverhead();

  /** Bytes that protection adds to an RTCP packet, the index word included. */
  int rtcpOverhead();

  /**
   * Where the word with flag and index stands in a protected RTCP packet of {@code length} bytes,
   * counted from its start.
   */
  int rtcpIndexAt(int length);

  /** Protects in place; returns the new length. */
  int sealRtp(byte[] packet, int offset, int headerBytes, int length, long index);

  /**
   * Opens into {@code clear} from 0; returns the length in clear or {@link #NOT_AUTHENTIC}. The
   * packet is at least header and overhead long.
   */
  int openRtp(byte[] packet, int offset, int headerBytes, int length, long index, byte[] clear);

  /** Protects in place; returns the new length. */
  int sealRtcp(byte[] packet, int offset, int length, int index);

  /**
   * Opens into {@code clear} from 0; returns the length in clear or {@link #NOT_AUTHENTIC}. The
   * packet is at least header and overhead long and says that it is encrypted.
   */
  int openRtcp(byte[] packet, int offset, int length, byte[] clear);
}
