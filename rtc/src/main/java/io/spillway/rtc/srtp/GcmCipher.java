package io.spillway.rtc.srtp;

import static io.spillway.rtc.srtp.KeyDerivation.derive;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AEAD_AES_128_GCM and AEAD_AES_256_GCM for SRTP (RFC 7714). The tag is 16 bytes. */
final class GcmCipher implements PacketCipher {
  private static final int TAG_BYTES = 16;
  private static final int IV_BYTES = 12;
  private static final int INDEX_BYTES = 4;
  private static final String ALGORITHM = "AES/GCM/NoPadding";

  private final SecretKeySpec rtpKey;
  private final byte[] rtpSalt;
  private final SecretKeySpec rtcpKey;
  private final byte[] rtcpSalt;
  private final byte[] iv = new byte[IV_BYTES];
  private final byte[] indexWord = new byte[INDEX_BYTES];
  private Cipher cipher;

  GcmCipher(byte[] rtpKey, byte[] rtpSalt, byte[] rtcpKey, byte[] rtcpSalt) {
    this.rtpKey = new SecretKeySpec(rtpKey, "AES");
    this.rtpSalt = rtpSalt.clone();
    this.rtcpKey = new SecretKeySpec(rtcpKey, "AES");
    this.rtcpSalt = rtcpSalt.clone();
    this.cipher = newCipher();
  }

  static GcmCipher derived(byte[] key, byte[] salt) {
    return new GcmCipher(
        derive(key, salt, KeyDerivation.RTP_KEY, key.length),
        derive(key, salt, KeyDerivation.RTP_SALT, IV_BYTES),
        derive(key, salt, KeyDerivation.RTCP_KEY, key.length),
        derive(key, salt, KeyDerivation.RTCP_SALT, IV_BYTES));
  }

  private static Cipher newCipher() {
    try {
      return Cipher.getInstance(ALGORITHM);
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("this Java has no AES-GCM", cause);
    }
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
    try {
      initToSeal(rtpKey);
      cipher.updateAAD(packet, offset, headerBytes);
      int body = offset + headerBytes;
      return headerBytes + cipher.doFinal(packet, body, length - headerBytes, packet, body);
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("an RTP packet could not be sealed with AES-GCM", cause);
    }
  }

  @Override
  public int openRtp(
      byte[] packet, int offset, int headerBytes, int length, long index, byte[] clear) {
    rtpIv(Bytes.int32(packet, offset + 8), index);
    try {
      cipher.init(Cipher.DECRYPT_MODE, rtpKey, new GCMParameterSpec(TAG_BYTES * 8, iv));
      cipher.updateAAD(packet, offset, headerBytes);
      int bodyBytes = length - headerBytes;
      int plain = cipher.doFinal(packet, offset + headerBytes, bodyBytes, clear, headerBytes);
      System.arraycopy(packet, offset, clear, 0, headerBytes);
      return headerBytes + plain;
    } catch (AEADBadTagException forged) {
      return NOT_AUTHENTIC;
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("an RTP packet could not be opened with AES-GCM", cause);
    }
  }

  @Override
  public int sealRtcp(byte[] packet, int offset, int length, int index) {
    rtcpIv(Bytes.int32(packet, offset + 4), index);
    Bytes.putInt32(indexWord, 0, index | ENCRYPTED_FLAG);
    try {
      initToSeal(rtcpKey);
      cipher.updateAAD(packet, offset, RTCP_HEADER_BYTES);
      cipher.updateAAD(indexWord, 0, INDEX_BYTES);
      int body = offset + RTCP_HEADER_BYTES;
      int sealed = cipher.doFinal(packet, body, length - RTCP_HEADER_BYTES, packet, body);
      System.arraycopy(indexWord, 0, packet, body + sealed, INDEX_BYTES);
      return RTCP_HEADER_BYTES + sealed + INDEX_BYTES;
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("an RTCP packet could not be sealed with AES-GCM", cause);
    }
  }

  @Override
  public int openRtcp(byte[] packet, int offset, int length, byte[] clear) {
    int wordAt = offset + rtcpIndexAt(length);
    rtcpIv(Bytes.int32(packet, offset + 4), Bytes.int32(packet, wordAt) & ~ENCRYPTED_FLAG);
    try {
      cipher.init(Cipher.DECRYPT_MODE, rtcpKey, new GCMParameterSpec(TAG_BYTES * 8, iv));
      cipher.updateAAD(packet, offset, RTCP_HEADER_BYTES);
      cipher.updateAAD(packet, wordAt, INDEX_BYTES);
      int body = offset + RTCP_HEADER_BYTES;
      int plain = cipher.doFinal(packet, body, wordAt - body, clear, RTCP_HEADER_BYTES);
      System.arraycopy(packet, offset, clear, 0, RTCP_HEADER_BYTES);
      return RTCP_HEADER_BYTES + plain;
    } catch (AEADBadTagException forged) {
      return NOT_AUTHENTIC;
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("an RTCP packet could not be opened with AES-GCM", cause);
    }
  }

  /**
   * The JDK refuses the key and IV of the packet before. That guards against two texts under one
   * nonce; here it only happens when a packet is sent again unchanged (RFC 4585 NACK without RTX),
   * which yields the same bytes and gives nothing away.
   */
  private void initToSeal(SecretKeySpec key) throws GeneralSecurityException {
    GCMParameterSpec nonce = new GCMParameterSpec(TAG_BYTES * 8, iv);
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, nonce);
    } catch (InvalidAlgorithmParameterException sameAgain) {
      cipher = newCipher();
      cipher.init(Cipher.ENCRYPT_MODE, key, nonce);
    }
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
