package io.spillway.rtc.cipher;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * AES-GCM (NIST SP 800-38D) with one key, nonces of 12 bytes and tags of 16, of the JDK's block
 * cipher and our own {@link Ghash}: allocates nothing once its tables are made, which happens when
 * a text first needs them, because most keys of a recorder see one direction and one size only. The
 * JDK's GCM hashes with the processor's own multiplication and is about a microsecond quicker for a
 * video packet, but wants a parameter object and builds an engine of 1 KiB for each.
 */
public final class AesGcm {
  /** Length of a tag. */
  public static final int TAG_BYTES = 16;

  /** Length of a nonce. */
  public static final int NONCE_BYTES = 12;

  /** How much text the piece of key stream covers that also masks the tag. */
  static final int FIRST_BYTES = (CounterMode.PIECE_BLOCKS - 1) * CounterMode.BLOCK_BYTES;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Section 7.1: with a nonce of 96 bits, counter 1 masks the tag and the text begins at 2. */
  private static final int FIRST_COUNTER = 1;

  private static final int TEXT_AT = CounterMode.BLOCK_BYTES;

  /** Texts up to this are short: Opus at 150 kbit/s in frames of 20 ms, and all RTCP. */
  private static final int SHORT_BYTES = 384;

  private final CounterMode counters;
  private final byte[] hashKey = new byte[CounterMode.BLOCK_BYTES];
  private @Nullable SmallGhash small;
  private @Nullable LargeGhash large;

  /** For a key of 16 or 32 bytes. */
  public AesGcm(byte[] key) {
    counters = new CounterMode(key);
    counters.xor(new byte[CounterMode.BLOCK_BYTES], hashKey, 0, hashKey.length, hashKey, 0);
  }

  /**
   * Encrypts {@code length} bytes in place and puts the tag behind them.
   *
   * @param nonce must never be used for another text under this key
   * @param aad holds the bytes that stay in clear and are vouched for as well
   */
  public void seal(
      byte[] nonce, byte[] aad, int aadAt, int aadBytes, byte[] text, int at, int length) {
    byte[] key = firstPiece(nonce, length);
    long maskHigh = (long) LONG.get(key, 0);
    long maskLow = (long) LONG.get(key, 8);
    crypt(key, nonce, text, at, length, text, at);
    Ghash hash = checksum(aad, aadAt, aadBytes, text, at, length);
    LONG.set(text, at + length, hash.high() ^ maskHigh);
    LONG.set(text, at + length + 8, hash.low() ^ maskLow);
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
    byte[] key = firstPiece(nonce, length);
    Ghash hash = checksum(aad, aadAt, aadBytes, text, at, length);
    long wrongHigh = hash.high() ^ (long) LONG.get(key, 0) ^ (long) LONG.get(text, at + length);
    long wrongLow = hash.low() ^ (long) LONG.get(key, 8) ^ (long) LONG.get(text, at + length + 8);
    if ((wrongHigh | wrongLow) != 0) { // all bits at once: tells nothing by its timing
      return false;
    }
    crypt(key, nonce, text, at, length, clear, to);
    return true;
  }

  /** The mask of the tag and the beginning of the key stream, all of it for short texts. */
  private byte[] firstPiece(byte[] nonce, int length) {
    int blocks = CounterMode.blocksOf(Math.min(length, FIRST_BYTES));
    return counters.stream(nonce, FIRST_COUNTER, 1 + blocks);
  }

  private void crypt(
      byte[] key, byte[] nonce, byte[] in, int from, int length, byte[] out, int to) {
    int first = Math.min(length, FIRST_BYTES);
    CounterMode.xor(key, TEXT_AT, in, from, first, out, to);
    counters.xorFrom(
        nonce,
        FIRST_COUNTER + CounterMode.PIECE_BLOCKS,
        in,
        from + first,
        length - first,
        out,
        to + first);
  }

  private Ghash checksum(byte[] aad, int aadAt, int aadBytes, byte[] text, int at, int length) {
    Ghash hash = length <= SHORT_BYTES ? small() : large();
    hash.restart();
    hash.add(aad, aadAt, aadBytes);
    hash.add(text, at, length);
    hash.add(aadBytes * 8L, length * 8L);
    return hash;
  }

  private Ghash small() {
    SmallGhash made = small;
    if (made == null) {
      made = new SmallGhash(hashKey);
      small = made;
    }
    return made;
  }

  private Ghash large() {
    LargeGhash made = large;
    if (made == null) {
      made = new LargeGhash(hashKey);
      large = made;
    }
    return made;
  }
}
