package io.spillway.rtc.srtp;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Session keys from a master key and salt (RFC 3711 section 4.3): AES in counter mode over zeros,
 * started at the salt with the label mixed in. The key derivation rate is 0, so that the packet
 * index plays no part. A 96-bit salt counts as one of 112 bits with zeros behind (RFC 7714 section
 * 11).
 */
final class KeyDerivation {
  static final int RTP_KEY = 0;
  static final int RTP_AUTHENTICATION = 1;
  static final int RTP_SALT = 2;
  static final int RTCP_KEY = 3;
  static final int RTCP_AUTHENTICATION = 4;
  static final int RTCP_SALT = 5;

  private static final int LABEL_AT = 7;
  private static final int BLOCK = 16;

  private KeyDerivation() {}

  static byte[] derive(byte[] masterKey, byte[] masterSalt, int label, int bytes) {
    byte[] counter = new byte[BLOCK];
    System.arraycopy(masterSalt, 0, counter, 0, masterSalt.length);
    counter[LABEL_AT] ^= (byte) label;
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(masterKey, "AES"), new IvParameterSpec(counter));
      return cipher.doFinal(new byte[bytes]);
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("this Java has no AES in counter mode", cause);
    }
  }
}
