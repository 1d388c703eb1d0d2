package io.spillway.rtc.cipher;

import java.security.DigestException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * HMAC-SHA1 (RFC 2104) on the JDK's SHA-1. The JDK's own HMAC allocates three arrays per text.
 * SHA-1 is broken where collisions matter; for HMAC they don't, and SRTP names no other (RFC 3711
 * section 4.2.1).
 */
public final class HmacSha1 {
  /** Length of the result. */
  public static final int BYTES = 20;

  private static final int BLOCK_BYTES = 64;

  private final MessageDigest digest;
  private final byte[] inner = new byte[BLOCK_BYTES];
  private final byte[] outer = new byte[BLOCK_BYTES];

  /** For a key of at most 64 bytes. */
  public HmacSha1(byte[] key) {
    try {
      digest = MessageDigest.getInstance("SHA-1");
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("this Java has no SHA-1", cause);
    }
    byte[] padded = Arrays.copyOf(key, BLOCK_BYTES);
    for (int i = 0; i < BLOCK_BYTES; i++) {
      inner[i] = (byte) (padded[i] ^ 0x36);
      outer[i] = (byte) (padded[i] ^ 0x5c);
    }
  }

  /** Begins a text. */
  public void start() {
    digest.reset();
    digest.update(inner, 0, BLOCK_BYTES);
  }

  /** Adds to the text. */
  public void add(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
  }

  /** Ends the text: its 20 bytes go to the beginning of {@code into}. */
  public void finish(byte[] into) {
    try {
      int unusedInner = digest.digest(into, 0, BYTES);
      digest.update(outer, 0, BLOCK_BYTES);
      digest.update(into, 0, BYTES);
      int unusedOuter = digest.digest(into, 0, BYTES);
    } catch (DigestException cause) {
      throw new IllegalStateException("SHA-1 is not 20 bytes long here", cause);
    }
  }
}
