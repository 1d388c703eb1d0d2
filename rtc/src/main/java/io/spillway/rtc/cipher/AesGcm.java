package io.spillway.rtc.cipher;

import org.jspecify.annotations.Nullable;

/**
 * AES-GCM with one key, nonces of 12 bytes and tags of 16, chosen by the length of the text.
 *
 * <p>Short texts (all of audio, all of RTCP) go through {@link TableGcm}, which allocates nothing.
 * Long ones go through the JDK, which hashes with the processor's own multiplication: quicker by
 * two to four microseconds per video packet, and worth the 1 KiB of short-lived objects that it
 * costs. The figures are in docs/performance.md.
 *
 * <p>Both parts are made when they are first needed: most keys of a recorder see one direction and
 * one size only.
 */
public final class AesGcm {
  /** Length of a tag. */
  public static final int TAG_BYTES = 16;

  /** Length of a nonce. */
  public static final int NONCE_BYTES = 12;

  /** Texts up to this go without allocation: Opus at 150 kbit/s in frames of 20 ms. */
  static final int SHORT_BYTES = 384;

  private final byte[] key;
  private @Nullable TableGcm table;
  private @Nullable JdkGcm jdk;

  /** For a key of 16 or 32 bytes. */
  public AesGcm(byte[] key) {
    this.key = key.clone();
  }

  /**
   * Encrypts {@code length} bytes in place and puts the tag behind them.
   *
   * @param nonce must never be used for another text under this key
   * @param aad holds the bytes that stay in clear and are vouched for as well
   */
  public void seal(
      byte[] nonce, byte[] aad, int aadAt, int aadBytes, byte[] text, int at, int length) {
    if (length <= SHORT_BYTES) {
      table().seal(nonce, aad, aadAt, aadBytes, text, at, length);
    } else {
      jdk().seal(nonce, aad, aadAt, aadBytes, text, at, length);
    }
  }

  /**
   * Checks the tag behind {@code length} bytes and decrypts them to another array.
   *
   * @return false when the tag is wrong; then {@code clear} holds nothing of the text
   */
  public boolean open(
      byte[] nonce,
      byte[] aad,
      int aadAt,
      int aadBytes,
      byte[] text,
      int at,
      int length,
      byte[] clear,
      int to) {
    return length <= SHORT_BYTES
        ? table().open(nonce, aad, aadAt, aadBytes, text, at, length, clear, to)
        : jdk().open(nonce, aad, aadAt, aadBytes, text, at, length, clear, to);
  }

  private TableGcm table() {
    TableGcm made = table;
    if (made == null) {
      made = new TableGcm(key);
      table = made;
    }
    return made;
  }

  private JdkGcm jdk() {
    JdkGcm made = jdk;
    if (made == null) {
      made = new JdkGcm(key);
      jdk = made;
    }
    return made;
  }
}
