package io.spillway.rtc.srtp;

import static io.spillway.rtc.srtp.KeyDerivation.derive;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-128 in counter mode with HMAC-SHA1 cut to 80 bits (RFC 3711 sections 4.1.1, 4.2.1). */
final class CounterCipher implements PacketCipher {
  private static final int KEY_BYTES = 16;
  private static final int SALT_BYTES = 14;
  private static final int AUTHENTICATION_KEY_BYTES = 20;
  private static final int MAC_BYTES = 20;
  private static final int TAG_BYTES = 10;
  private static final int INDEX_BYTES = 4;

  private final SecretKeySpec rtpKey;
  private final byte[] rtpSalt;
  private final Mac rtpMac;
  private final SecretKeySpec rtcpKey;
  private final byte[] rtcpSalt;
  private final Mac rtcpMac;
  private final Cipher cipher;
  private final byte[] iv = new byte[16];
  private final byte[] word = new byte[INDEX_BYTES];
  private final byte[] mac = new byte[MAC_BYTES];

  private CounterCipher(byte[] key, byte[] salt) throws GeneralSecurityException {
    rtpKey = new SecretKeySpec(derive(key, salt, KeyDerivation.RTP_KEY, KEY_BYTES), "AES");
    rtpSalt = derive(key, salt, KeyDerivation.RTP_SALT, SALT_BYTES);
    rtpMac = mac(derive(key, salt, KeyDerivation.RTP_AUTHENTICATION, AUTHENTICATION_KEY_BYTES));
    rtcpKey = new SecretKeySpec(derive(key, salt, KeyDerivation.RTCP_KEY, KEY_BYTES), "AES");
    rtcpSalt = derive(key, salt, KeyDerivation.RTCP_SALT, SALT_BYTES);
    rtcpMac = mac(derive(key, salt, KeyDerivation.RTCP_AUTHENTICATION, AUTHENTICATION_KEY_BYTES));
    cipher = Cipher.getInstance("AES/CTR/NoPadding");
  }

  static CounterCipher derived(byte[] key, byte[] salt) {
    try {
      return new CounterCipher(key, salt);
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("this Java has no AES-CTR or no HMAC-SHA1", cause);
    }
  }

  private static Mac mac(byte[] key) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA1");
    mac.init(new SecretKeySpec(key, "HmacSHA1"));
    return mac;
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
    crypt(rtpKey, packet, body, length - headerBytes, packet, body);
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
    crypt(rtpKey, packet, offset + headerBytes, plain - headerBytes, clear, headerBytes);
    System.arraycopy(packet, offset, clear, 0, headerBytes);
    return plain;
  }

  @Override
  public int sealRtcp(byte[] packet, int offset, int length, int index) {
    int body = offset + RTCP_HEADER_BYTES;
    iv(rtcpSalt, Bytes.int32(packet, offset + 4), index);
    crypt(rtcpKey, packet, body, length - RTCP_HEADER_BYTES, packet, body);
    Bytes.putInt32(packet, offset + length, index | ENCRYPTED_FLAG);
    int authenticated = length + INDEX_BYTES;
    rtcpMac.update(packet, offset, authenticated);
    finish(rtcpMac);
    System.arraycopy(mac, 0, packet, offset + authenticated, TAG_BYTES);
    return authenticated + TAG_BYTES;
  }

  @Override
  public int openRtcp(byte[] packet, int offset, int length, byte[] clear) {
    int plain = rtcpIndexAt(length);
    rtcpMac.update(packet, offset, plain + INDEX_BYTES);
    finish(rtcpMac);
    if (!tagMatches(packet, offset + plain + INDEX_BYTES)) {
      return NOT_AUTHENTIC;
    }
    int index = Bytes.int32(packet, offset + plain) & ~ENCRYPTED_FLAG;
    iv(rtcpSalt, Bytes.int32(packet, offset + 4), index);
    int body = offset + RTCP_HEADER_BYTES;
    crypt(rtcpKey, packet, body, plain - RTCP_HEADER_BYTES, clear, RTCP_HEADER_BYTES);
    System.arraycopy(packet, offset, clear, 0, RTCP_HEADER_BYTES);
    return plain;
  }

  private void authenticateRtp(byte[] packet, int offset, int length, long index) {
    rtpMac.update(packet, offset, length);
    Bytes.putInt32(word, 0, (int) (index >>> 16)); // the roll-over counter, never sent
    rtpMac.update(word, 0, INDEX_BYTES);
    finish(rtpMac);
  }

  private void finish(Mac of) {
    try {
      of.doFinal(mac, 0);
    } catch (ShortBufferException cause) {
      throw new IllegalStateException("HMAC-SHA1 is longer than 20 bytes", cause);
    }
  }

  private boolean tagMatches(byte[] packet, int at) {
    int difference = 0;
    for (int i = 0; i < TAG_BYTES; i++) {
      difference |= mac[i] ^ packet[at + i];
    }
    return difference == 0;
  }

  private void crypt(SecretKeySpec key, byte[] in, int from, int length, byte[] out, int to) {
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(iv));
      cipher.doFinal(in, from, length, out, to);
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("a packet could not be run through AES-CTR", cause);
    }
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
