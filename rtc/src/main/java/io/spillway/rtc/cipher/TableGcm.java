package io.spillway.rtc.cipher;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * AES-GCM (NIST SP 800-38D) of the JDK's block cipher and our own {@link Ghash}: allocates nothing
 * after the constructor.
 */
final class TableGcm {
  /** Longest text: the key stream is made in one piece, with the block that masks the tag. */
  static final int MOST_BYTES = (CounterMode.PIECE_BLOCKS - 1) * CounterMode.BLOCK_BYTES;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Section 7.1: with a nonce of 96 bits, counter 1 masks the tag and the text begins at 2. */
  private static final int FIRST_COUNTER = 1;

  private static final int TEXT_AT = CounterMode.BLOCK_BYTES;

  private final CounterMode counters;
  private final Ghash hash;

  TableGcm(byte[] key) {
    counters = new CounterMode(key);
    byte[] hashKey = new byte[CounterMode.BLOCK_BYTES];
    counters.xor(new byte[CounterMode.BLOCK_BYTES], hashKey, 0, hashKey.length, hashKey, 0);
    hash = new Ghash(hashKey);
  }

  /** See {@link AesGcm#seal}. */
  void seal(byte[] nonce, byte[] aad, int aadAt, int aadBytes, byte[] text, int at, int length) {
    byte[] key = stream(nonce, length);
    CounterMode.xor(key, TEXT_AT, text, at, length, text, at);
    checksum(aad, aadAt, aadBytes, text, at, length);
    LONG.set(text, at + length, hash.high() ^ (long) LONG.get(key, 0));
    LONG.set(text, at + length + 8, hash.low() ^ (long) LONG.get(key, 8));
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
    byte[] key = stream(nonce, length);
    checksum(aad, aadAt, aadBytes, text, at, length);
    long wrongHigh = hash.high() ^ (long) LONG.get(key, 0) ^ (long) LONG.get(text, at + length);
    long wrongLow = hash.low() ^ (long) LONG.get(key, 8) ^ (long) LONG.get(text, at + length + 8);
    if ((wrongHigh | wrongLow) != 0) { // all bits at once: tells nothing by its timing
      return false;
    }
    CounterMode.xor(key, TEXT_AT, text, at, length, clear, to);
    return true;
  }

  private byte[] stream(byte[] nonce, int length) {
    return counters.stream(nonce, FIRST_COUNTER, 1 + CounterMode.blocksOf(length));
  }

  private void checksum(byte[] aad, int aadAt, int aadBytes, byte[] text, int at, int length) {
    hash.restart();
    hash.add(aad, aadAt, aadBytes);
    hash.add(text, at, length);
    hash.add(aadBytes * 8L, length * 8L);
  }
}
