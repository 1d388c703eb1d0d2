package io.spillway.rtc.srtp;

import static io.spillway.rtc.srtp.KeyDerivation.derive;

import io.spillway.rtc.cipher.CounterMode;
import io.spillway.rtc.cipher.HmacSha1;

/** AES-128 in counter mode with HMAC-SHA1 cut to 80 bits (RFC 3711 sections 4.1.1, 4.2.1). */
final class CounterCipher implements PacketCipher {
  private static final int KEY_BYTES = 16;
  private static final int SALT_BYTES = 14;
  private static final int AUTHENTICATION_KEY_BYTES = 20;
  private static final int TAG_BYTES = 10;
  private static final int INDEX_BYTES = 4;

  private final CounterMode rtp;
  private final byte[] rtpSalt;
  private final HmacSha1 rtpMac;
  private final CounterMode rtcp;
  private final byte[] rtcpSalt;
  private final HmacSha1 rtcpMac;
  private final byte[] iv = new byte[16];
  private final byte[] word = new byte[INDEX_BYTES];
  private final byte[] mac = new byte[HmacSha1.BYTES];

  private CounterCipher(byte[] key, byte[] salt) {
    rtp = new CounterMode(derive(key, salt, KeyDerivation.RTP_KEY, KEY_BYTES));
    rtpSalt = derive(key, salt, KeyDerivation.RTP_SALT, SALT_BYTES);
    rtpMac =
        new HmacSha1(derive(key, salt, KeyDerivation.RTP_AUTHENTICATION, AUTHENTICATION_KEY_BYTES));
    rtcp = new CounterMode(derive(key, salt, KeyDerivation.RTCP_KEY, KEY_BYTES));
    rtcpSalt = derive(key, salt, KeyDerivation.RTCP_SALT, SALT_BYTES);
    rtcpMac =
        new HmacSha1(
            derive(key, salt, KeyDerivation.RTCP_AUTHENTICATION, AUTHENTICATION_KEY_BYTES));
  }

  static CounterCipher derived(byte[] key, byte[] salt) {
    return new CounterCipher(key, salt);
  }

  @Override
  public int rtpOverhead() {
    return TAG_BYTES;
  }

  @Override
  public int rtcpOverhead() {
    return INDEX_BYTES + TAG_BYTES;
  }

  @Override
  public int rtcpIndexAt(int length) {
    return length - TAG_BYTES - INDEX_BYTES;
  }

  @Override
  public int sealRtp(byte[] packet, int offset, int headerBytes, int length, long index) {
    int body = offset + headerBytes;
    iv(rtpSalt, Bytes.int32(packet, offset + 8), index);
    rtp.xor(iv, packet, body, length - headerBytes, packet, body);
    authenticateRtp(packet, offset, length, index);
    System.arraycopy(mac, 0, packet, offset + length, TAG_BYTES);
    return length + TAG_BYTES;
  }

  @Override
  public int openRtp(
      byte[] packet, int offset, int headerBytes, int length, long index, byte[] clear) {
    int plain = length - TAG_BYTES;
    authenticateRtp(packet, offset, plain, index);
    if (!tagMatches(packet, offset + plain)) {
      return NOT_AUTHENTIC;
    }
    iv(rtpSalt, Bytes.int32(packet, offset + 8), index);
    rtp.xor(iv, packet, offset + headerBytes, plain - headerBytes, clear, headerBytes);
    System.arraycopy(packet, offset, clear, 0, headerBytes);
    return plain;
  }

  @Override
  public int sealRtcp(byte[] packet, int offset, int length, int index) {
    int body = offset + RTCP_HEADER_BYTES;
    iv(rtcpSalt, Bytes.int32(packet, offset + 4), index);
    rtcp.xor(iv, packet, body, length - RTCP_HEADER_BYTES, packet, body);
    Bytes.putInt32(packet, offset + length, index | ENCRYPTED_FLAG);
    int authenticated = length + INDEX_BYTES;
    authenticateRtcp(packet, offset, authenticated);
    System.arraycopy(mac, 0, packet, offset + authenticated, TAG_BYTES);
    return authenticated + TAG_BYTES;
  }

  @Override
  public int openRtcp(byte[] packet, int offset, int length, byte[] clear) {
    int plain = rtcpIndexAt(length);
    authenticateRtcp(packet, offset, plain + INDEX_BYTES);
    if (!tagMatches(packet, offset + plain + INDEX_BYTES)) {
      return NOT_AUTHENTIC;
    }
    int index = Bytes.int32(packet, offset + plain) & ~ENCRYPTED_FLAG;
    iv(rtcpSalt, Bytes.int32(packet, offset + 4), index);
    int body = offset + RTCP_HEADER_BYTES;
    rtcp.xor(iv, packet, body, plain - RTCP_HEADER_BYTES, clear, RTCP_HEADER_BYTES);
    System.arraycopy(packet, offset, clear, 0, RTCP_HEADER_BYTES);
    return plain;
  }

  private void authenticateRtp(byte[] packet, int offset, int length, long index) {
    Bytes.putInt32(word, 0, (int) (index >>> 16)); // the roll-over counter, never sent
    rtpMac.start();
    rtpMac.add(packet, offset, length);
    rtpMac.add(word, 0, INDEX_BYTES);
    rtpMac.finish(mac);
  }

  private void authenticateRtcp(byte[] packet, int offset, int length) {
    rtcpMac.start();
    rtcpMac.add(packet, offset, length);
    rtcpMac.finish(mac);
  }

  private boolean tagMatches(byte[] packet, int at) {
    int difference = 0;
    for (int i = 0; i < TAG_BYTES; i++) {
      difference |= mac[i] ^ packet[at + i];
    }
    return difference == 0;
  }

  /** RFC 3711 section 4.1.1: salt, SSRC at byte 4, 48 bits of index at byte 8, block counter 0. */
  private void iv(byte[] salt, int ssrc, long index) {
    System.arraycopy(salt, 0, iv, 0, SALT_BYTES);
    iv[14] = 0;
    iv[15] = 0;
    Bytes.xorInt32(iv, 4, ssrc);
    Bytes.xorInt32(iv, 8, (int) (index >>> 16));
    iv[12] ^= (byte) (index >>> 8);
    iv[13] ^= (byte) index;
  }
}
