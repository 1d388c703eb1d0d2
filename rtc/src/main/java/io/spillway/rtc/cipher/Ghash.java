package io.spillway.rtc.cipher;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * GHASH, the checksum of GCM (NIST SP 800-38D section 6.4): a polynomial over GF(2^128) in the hash
 * key, by Shoup's method with one table entry per byte value.
 *
 * <p>A field element is two longs, its first bit (the coefficient of x^0) the highest of {@link
 * #high}; multiplying by x is a shift to the right. A product is summed up in steps of four bits
 * from the last to the first, each half of the factor by itself so that the processor can work on
 * both at once; what the shifts push out beyond 128 bits is kept in a third word and reduced at the
 * end, once per block.
 *
 * <p>The table is small on purpose: 256 bytes per key stay in the cache while hundreds of tracks
 * take turns. A table per byte (4 KiB) is quicker for one key and half as quick for many.
 *
 * <p>Tables are read at places that depend on the data, so that a program on the same core could
 * learn of the hash key by timing; who can run programs on a recorder's machine has its memory to
 * look at. Multiplication by masks in constant time (as BearSSL does) costs up to twice as much.
 */
final class Ghash {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** x^128 = 1 + x + x^2 + x^7, in the order of bits used here. */
  private static final long REDUCTION = 0xe100000000000000L;

  private static final int BLOCK_BYTES = 16;

  /** The hash key times each polynomial of four bits: high and low word in turn. */
  private final long[] products = new long[2 * 16];

  private long high;
  private long low;

  /** For a hash key: 16 bytes of zero, encrypted. */
  Ghash(byte[] hashKey) {
    long keyHigh = (long) LONG.get(hashKey, 0);
    long keyLow = (long) LONG.get(hashKey, 8);
    for (int bit = 8; bit != 0; bit >>>= 1) {
      products[2 * bit] = keyHigh;
      products[2 * bit + 1] = keyLow;
      long carried = -(keyLow & 1) & REDUCTION;
      keyLow = keyLow >>> 1 | keyHigh << 63;
      keyHigh = keyHigh >>> 1 ^ carried;
    }
    for (int bit = 2; bit <= 8; bit <<= 1) {
      for (int rest = 1; rest < bit; rest++) {
        products[2 * (bit + rest)] = products[2 * bit] ^ products[2 * rest];
        products[2 * (bit + rest) + 1] = products[2 * bit + 1] ^ products[2 * rest + 1];
      }
    }
  }

  /** Begins a new sum. */
  void restart() {
    high = 0;
    low = 0;
  }

  /** The first half of the sum. */
  long high() {
    return high;
  }

  /** The second half of the sum. */
  long low() {
    return low;
  }

  /** Adds bytes, the last block filled up with zeros. */
  void add(byte[] bytes, int offset, int length) {
    int at = offset;
    int end = offset + length;
    for (; at + BLOCK_BYTES <= end; at += BLOCK_BYTES) {
      add((long) LONG.get(bytes, at), (long) LONG.get(bytes, at + 8));
    }
    if (at < end) {
      add(padded(bytes, at, end), padded(bytes, at + 8, end));
    }
  }

  /** The eight bytes from {@code at}, zeros where the end is passed. */
  private static long padded(byte[] bytes, int at, int end) {
    long word = 0;
    for (int i = 0; i < 8; i++) {
      word = word << 8 | (at + i < end ? bytes[at + i] & 0xff : 0);
    }
    return word;
  }

  /** Adds one block. */
  void add(long blockHigh, long blockLow) {
    long[] table = products;
    long x = high ^ blockHigh;
    long y = low ^ blockLow;
    int at = (int) (x & 0xf) << 1;
    long x0 = table[at];
    long x1 = table[at + 1];
    long x2 = 0;
    at = (int) (y & 0xf) << 1;
    long y0 = table[at];
    long y1 = table[at + 1];
    long y2 = 0;
    for (int shift = 4; shift < 64; shift += 4) {
      at = (int) (x >>> shift & 0xf) << 1;
      x2 = x2 >>> 4 | x1 << 60;
      x1 = (x1 >>> 4 | x0 << 60) ^ table[at + 1];
      x0 = x0 >>> 4 ^ table[at];
      at = (int) (y >>> shift & 0xf) << 1;
      y2 = y2 >>> 4 | y1 << 60;
      y1 = (y1 >>> 4 | y0 << 60) ^ table[at + 1];
      y0 = y0 >>> 4 ^ table[at];
    }
    reduce(x0, x1 ^ y0, x2 ^ y1, y2);
  }

  /**
   * From 256 bits to 128: a word 128 bits further back counts as itself times 1 + x + x^2 + x^7.
   */
  private void reduce(long first, long second, long third, long fourth) {
    long folded = third ^ fourth << 63 ^ fourth << 62 ^ fourth << 57;
    high = first ^ folded ^ folded >>> 1 ^ folded >>> 2 ^ folded >>> 7;
    low =
        (second ^ fourth ^ fourth >>> 1 ^ fourth >>> 2 ^ fourth >>> 7)
            ^ (folded << 63 ^ folded << 62 ^ folded << 57);
  }
}
