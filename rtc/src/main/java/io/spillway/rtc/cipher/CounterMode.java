package io.spillway.rtc.cipher;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES in counter mode: a key stream of encrypted counters, XORed with text (NIST SP 800-38A section
 * 6.5). The JDK's own counter mode wants a new parameter object per text and builds its engine
 * anew; its bare block cipher is set up once per key and then allocates nothing.
 */
public final class CounterMode {
  static final int BLOCK_BYTES = 16;

  /** A key stream is made in pieces of so many blocks. */
  static final int PIECE_BLOCKS = 28;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final Cipher blocks;
  private final byte[] counters = new byte[PIECE_BLOCKS * BLOCK_BYTES];
  private final byte[] stream = new byte[PIECE_BLOCKS * BLOCK_BYTES];

  /** For an AES key of 16 or 32 bytes. */
  @SuppressWarnings("InsecureCryptoUsage") // ECB is what counter mode is made of: only counters
  // are encrypted with it, no two of them alike
  public CounterMode(byte[] key) {
    try {
      blocks = Cipher.getInstance("AES/ECB/NoPadding");
      blocks.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("this Java has no AES", cause);
    }
  }

  /**
   * XORs {@code length} bytes with the key stream whose first block is {@code counter}, of which
   * the last four bytes count up. In place ({@code in} is {@code out}, same offset) or into another
   * array.
   */
  public void xor(byte[] counter, byte[] in, int from, int length, byte[] out, int to) {
    xorFrom(counter, (int) INT.get(counter, 12), in, from, length, out, to);
  }

  /** As above, the counter's last four bytes given apart. */
  void xorFrom(byte[] nonce, int first, byte[] in, int from, int length, byte[] out, int to) {
    int done = 0;
    while (done < length) {
      int piece = Math.min(length - done, stream.length);
      byte[] key = stream(nonce, first + done / BLOCK_BYTES, blocksOf(piece));
      xor(key, 0, in, from + done, piece, out, to + done);
      done += piece;
    }
  }

  static int blocksOf(int bytes) {
    return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
  }

  /**
   * So many blocks of key stream: {@code nonce}'s first twelve bytes with {@code first}, first + 1
   * and so on behind, encrypted. Valid until the next call; at most {@link #PIECE_BLOCKS}.
   */
  byte[] stream(byte[] nonce, int first, int count) {
    long high = (long) LONG.get(nonce, 0);
    int low = (int) INT.get(nonce, 8);
    for (int i = 0; i < count; i++) {
      LONG.set(counters, i * BLOCK_BYTES, high);
      INT.set(counters, i * BLOCK_BYTES + 8, low);
      INT.set(counters, i * BLOCK_BYTES + 12, first + i);
    }
    encrypt(count * BLOCK_BYTES);
    return stream;
  }

  private void encrypt(int bytes) {
    try {
      int encrypted = blocks.update(counters, 0, bytes, stream, 0);
      if (encrypted != bytes) {
        throw new IllegalStateException("AES gave " + encrypted + " of " + bytes + " bytes");
      }
    } catch (ShortBufferException cause) {
      throw new IllegalStateException("AES made " + bytes + " bytes longer", cause);
    }
  }

  static void xor(byte[] key, int keyAt, byte[] in, int from, int length, byte[] out, int to) {
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      LONG.set(out, to + i, (long) LONG.get(in, from + i) ^ (long) LONG.get(key, keyAt + i));
    }
    for (; i < length; i++) {
      out[to + i] = (byte) (in[from + i] ^ key[keyAt + i]);
    }
  }
}
