package io.spillway.rtc.srtp;

import static io.spillway.rtc.srtp.KeyDerivation.derive;

import io.spillway.rtc.cipher.AesGcm;

/** AEAD_AES_128_GCM and AEAD_AES_256_GCM for SRTP (RFC 7714). The tag is 16 bytes. */
final class GcmCipher implements PacketCipher {
  private static final int TAG_BYTES = AesGcm.TAG_BYTES;
  private static final int IV_BYTES = AesGcm.NONCE_BYTES;
  private static final int INDEX_BYTES = 4;

  private final AesGcm rtp;
  private final byte[] rtpSalt;
  private final AesGcm rtcp;
  private final byte[] rtcpSalt;
  private final byte[] iv = new byte[IV_BYTES];

  /** What of an RTCP packet is sent in clear: its header and the index word (section 9.2). */
  private final byte[] rtcpClear = new byte[RTCP_HEADER_BYTES + INDEX_BYTES];

  GcmCipher(byte[] rtpKey, byte[] rtpSalt, byte[] rtcpKey, byte[] rtcpSalt) {
    this.rtp = new AesGcm(rtpKey);
    this.rtpSalt = rtpSalt.clone();
    this.rtcp = new AesGcm(rtcpKey);
    this.rtcpSalt = rtcpSalt.clone();
  }

  static GcmCipher derived(byte[] key, byte[] salt) {
    return new GcmCipher(
        derive(key, salt, KeyDerivation.RTP_KEY, key.length),
        derive(key, salt, KeyDerivation.RTP_SALT, IV_BYTES),
        derive(key, salt, KeyDerivation.RTCP_KEY, key.length),
        derive(key, salt, KeyDerivation.RTCP_SALT, IV_BYTES));
  }

  @Override
  public int rtpOverhead() {
    return TAG_BYTES;
  }

  @Override
  public int rtcpOverhead() {
    return TAG_BYTES + INDEX_BYTES;
  }

  @Override
  public int rtcpIndexAt(int length) {
    return length - INDEX_BYTES;
  }

  @Override
  public int sealRtp(byte[] packet, int offset, int headerBytes, int length, long index) {
    rtpIv(Bytes.int32(packet, offset + 8), index);
    int body = offset + headerBytes;
    rtp.seal(iv, packet, offset, headerBytes, packet, body, length - headerBytes);
    return length + TAG_BYTES;
  }

  @Override
  public int openRtp(
      byte[] packet, int offset, int headerBytes, int length, long index, byte[] clear) {
    rtpIv(Bytes.int32(packet, offset + 8), index);
    int body = offset + headerBytes;
    int plain = length - TAG_BYTES;
    int text = plain - headerBytes;
    if (!rtp.open(iv, packet, offset, headerBytes, packet, body, text, clear, headerBytes)) {
      return NOT_AUTHENTIC;
    }
    System.arraycopy(packet, offset, clear, 0, headerBytes);
    return plain;
  }

  @Override
  public int sealRtcp(byte[] packet, int offset, int length, int index) {
    rtcpIv(Bytes.int32(packet, offset + 4), index);
    rtcpClear(packet, offset, index | ENCRYPTED_FLAG);
    int body = offset + RTCP_HEADER_BYTES;
    rtcp.seal(iv, rtcpClear, 0, rtcpClear.length, packet, body, length - RTCP_HEADER_BYTES);
    Bytes.putInt32(packet, offset + length + TAG_BYTES, index | ENCRYPTED_FLAG);
    return length + TAG_BYTES + INDEX_BYTES;
  }

  @Override
  public int openRtcp(byte[] packet, int offset, int length, byte[] clear) {
    int word = Bytes.int32(packet, offset + rtcpIndexAt(length));
    rtcpIv(Bytes.int32(packet, offset + 4), word & ~ENCRYPTED_FLAG);
    rtcpClear(packet, offset, word);
    int body = offset + RTCP_HEADER_BYTES;
    int plain = length - INDEX_BYTES - TAG_BYTES;
    int text = plain - RTCP_HEADER_BYTES;
    if (!rtcp.open(
        iv, rtcpClear, 0, rtcpClear.length, packet, body, text, clear, RTCP_HEADER_BYTES)) {
      return NOT_AUTHENTIC;
    }
    System.arraycopy(packet, offset, clear, 0, RTCP_HEADER_BYTES);
    return plain;
  }

  private void rtcpClear(byte[] packet, int offset, int indexWord) {
    System.arraycopy(packet, offset, rtcpClear, 0, RTCP_HEADER_BYTES);
    Bytes.putInt32(rtcpClear, RTCP_HEADER_BYTES, indexWord);
  }

  /** RFC 7714 section 8.1: 00 00, SSRC, 48 bits of index; mixed with the salt. */
  private void rtpIv(int ssrc, long index) {
    System.arraycopy(rtpSalt, 0, iv, 0, IV_BYTES);
    Bytes.xorInt32(iv, 2, ssrc);
    Bytes.xorInt32(iv, 6, (int) (index >>> 16));
    iv[10] ^= (byte) (index >>> 8);
    iv[11] ^= (byte) index;
  }

  /** RFC 7714 section 9.1: 00 00, SSRC, 00 00, 31 bits of index; mixed with the salt. */
  private void rtcpIv(int ssrc, int index) {
    System.arraycopy(rtcpSalt, 0, iv, 0, IV_BYTES);
    Bytes.xorInt32(iv, 2, ssrc);
    Bytes.xorInt32(iv, 8, index);
  }
}
