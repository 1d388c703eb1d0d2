package io.spillway.rtc.cipher;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-GCM as the JDK has it. */
final class JdkGcm {
  private static final String ALGORITHM = "AES/GCM/NoPadding";

  private final SecretKeySpec key;
  private Cipher cipher = newCipher();

  JdkGcm(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
  }

  private static Cipher newCipher() {
    try {
      return Cipher.getInstance(ALGORITHM);
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("this Java has no AES-GCM", cause);
    }
  }

  /** See {@link AesGcm#seal}. */
  void seal(byte[] nonce, byte[] aad, int aadAt, int aadBytes, byte[] text, int at, int length) {
    try {
      initToSeal(parameters(nonce));
      cipher.updateAAD(aad, aadAt, aadBytes);
      int unusedLength = cipher.doFinal(text, at, length, text, at);
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("a text could not be sealed with AES-GCM", cause);
    }
  }

  /**
   * The JDK refuses the key and nonce of the text before. That guards against two texts under one
   * nonce; here it only happens when a packet is sent again unchanged (RFC 4585 NACK without RTX),
   * which yields the same bytes and gives nothing away.
   */
  private void initToSeal(GCMParameterSpec parameters) throws GeneralSecurityException {
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
    } catch (InvalidAlgorithmParameterException sameAgain) {
      cipher = newCipher();
      cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
    }
  }

  /** See {@link AesGcm#open}. */
  boolean open(
      byte[] nonce,
      byte[] aad,
      int aadAt,
      int aadBytes,
      byte[] text,
      int at,
      int length,
      byte[] clear,
      int to) {
    try {
      cipher.init(Cipher.DECRYPT_MODE, key, parameters(nonce));
      cipher.updateAAD(aad, aadAt, aadBytes);
      int unusedLength = cipher.doFinal(text, at, length + AesGcm.TAG_BYTES, clear, to);
      return true;
    } catch (AEADBadTagException forged) {
      return false;
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("a text could not be opened with AES-GCM", cause);
    }
  }

  private static GCMParameterSpec parameters(byte[] nonce) {
    return new GCMParameterSpec(AesGcm.TAG_BYTES * 8, nonce);
  }
}
