package io.spillway.rtc.cipher;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * GHASH, the checksum of GCM (NIST SP 800-38D section 6.4): a polynomial over GF(2^128) in the hash
 * key, by Shoup's method: the key's products with all short polynomials are looked up.
 *
 * <p>A field element is two longs, its first bit (the coefficient of x^0) the highest of {@link
 * #high}; multiplying by x is a shift to the right. A product is summed up from the last byte to
 * the first, both halves of the factor side by side; what the shifts push out beyond 128 bits is
 * kept in two more words and reduced at the end, once per block.
 *
 * <p>Tables are read at places that depend on the data, so that a program on the same core could
 * learn of the hash key by timing; who can run programs on a recorder's machine has its memory to
 * look at. Multiplication by masks in constant time (as BearSSL does) costs up to twice as much.
 */
abstract sealed class Ghash permits SmallGhash, LargeGhash {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** x^128 = 1 + x + x^2 + x^7, in the order of bits used here. */
  private static final long REDUCTION = 0xe100000000000000L;

  private static final int BLOCK_BYTES = 16;

  private long high;
  private long low;

  /** Begins a new sum. */
  final void restart() {
    high = 0;
    low = 0;
  }

  /** The first half of the sum. */
  final long high() {
    return high;
  }

  /** The second half of the sum. */
  final long low() {
    return low;
  }

  /** Adds bytes, the last block filled up with zeros. */
  final void add(byte[] bytes, int offset, int length) {
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
  final void add(long blockHigh, long blockLow) {
    multiply(high ^ blockHigh, low ^ blockLow);
  }

  /** Makes the sum the product of the hash key and these 128 bits; ends in {@link #reduce}. */
  abstract void multiply(long x, long y);

  /**
   * From 256 bits to 128: a word 128 bits further back counts as itself times 1 + x + x^2 + x^7.
   */
  final void reduce(long first, long second, long third, long fourth) {
    long folded = third ^ fourth << 63 ^ fourth << 62 ^ fourth << 57;
    high = first ^ folded ^ folded >>> 1 ^ folded >>> 2 ^ folded >>> 7;
    low =
        (second ^ fourth ^ fourth >>> 1 ^ fourth >>> 2 ^ fourth >>> 7)
            ^ (folded << 63 ^ folded << 62 ^ folded << 57);
  }

  /**
   * The hash key, times x^{@code skip}, times each polynomial of {@code bits} bits: high and low
   * word in turn.
   */
  static long[] products(byte[] hashKey, int skip, int bits) {
    long[] products = new long[2 << bits];
    long keyHigh = (long) LONG.get(hashKey, 0);
    long keyLow = (long) LONG.get(hashKey, 8);
    for (int power = 0; power < skip + bits; power++) {
      if (power >= skip) {
        int single = 1 << (skip + bits - 1 - power);
        products[2 * single] = keyHigh;
        products[2 * single + 1] = keyLow;
      }
      long carried = -(keyLow & 1) & REDUCTION;
      keyLow = keyLow >>> 1 | keyHigh << 63;
      keyHigh = keyHigh >>> 1 ^ carried;
    }
    for (int bit = 2; bit < (1 << bits); bit <<= 1) {
      for (int rest = 1; rest < bit; rest++) {
        products[2 * (bit + rest)] = products[2 * bit] ^ products[2 * rest];
        products[2 * (bit + rest) + 1] = products[2 * bit + 1] ^ products[2 * rest + 1];
      }
    }
    return products;
  }
}
