package io.spillway.storage.seal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Closes requests, which may hold storage keys and stream keys, with AES-256-GCM before they touch
 * a disk or a database. Thread-safe.
 *
 * <p>Sealed bytes: version (1), length of the key's id, the id in ASCII, a nonce of 12 random
 * bytes, ciphertext and tag. What is in front of the ciphertext, and the context, are authenticated
 * with it, so that one egress's request can't be passed off as another's. Random nonces are good
 * for 2<sup>32</sup> messages per key (NIST SP 800-38D, 8.3).
 */
public final class Seal {
  private static final byte VERSION = 1;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SealKeys keys;
  private final SecureRandom random;

  /** Seals with the keys' current one, opens with any of them. */
  public Seal(SealKeys keys, SecureRandom random) {
    this.keys = keys;
    this.random = random;
  }

  /**
   * Seals {@code plain} for one purpose.
   *
   * @param context must be given again to open it: the egress id
   */
  public byte[] seal(byte[] plain, String context) {
    byte[] id = keys.current().getBytes(StandardCharsets.US_ASCII);
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] header =
        ByteBuffer.allocate(2 + id.length + NONCE_BYTES)
            .put(VERSION)
            .put((byte) id.length)
            .put(id)
            .put(nonce)
            .array();
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, keys.key(keys.current()), nonce, header, context);
      byte[] closed = cipher.doFinal(plain);
      return ByteBuffer.allocate(header.length + closed.length).put(header).put(closed).array();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("could not seal the request of " + context, impossible);
    }
  }

  /**
   * Opens what {@link #seal} closed.
   *
   * @throws IOException when it was changed, belongs to another context, or its key is gone
   */
  public byte[] unseal(byte[] sealed, String context) throws IOException {
    int idLength = sealed.length > 1 ? sealed[1] & 0xFF : 0;
    int headerLength = 2 + idLength + NONCE_BYTES;
    if (sealed.length < headerLength || sealed[0] != VERSION) {
      throw new IOException("the sealed request of " + context + " is damaged or of a newer kind");
    }
    ByteBuffer in = ByteBuffer.wrap(sealed);
    byte[] header = new byte[headerLength];
    in.get(header);
    byte[] nonce = new byte[NONCE_BYTES];
    ByteBuffer.wrap(header, 2 + idLength, NONCE_BYTES).get(nonce);
    String id = new String(header, 2, idLength, StandardCharsets.US_ASCII);
    if (!keys.has(id)) {
      throw new IOException(
          "the request of " + context + " is sealed with key " + id + ", which is not at hand");
    }
    byte[] closed = new byte[in.remaining()];
    in.get(closed);
    try {
      return cipher(Cipher.DECRYPT_MODE, keys.key(id), nonce, header, context).doFinal(closed);
    } catch (GeneralSecurityException wrong) {
      throw new IOException("the sealed request of " + context + " was changed", wrong);
    }
  }

  private static Cipher cipher(int mode, SecretKey key, byte[] nonce, byte[] header, String context)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(header);
    cipher.updateAAD(context.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
