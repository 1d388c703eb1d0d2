package io.spillway.rtc.cipher;

/**
 * For short texts: four bits per step. Its table of 256 bytes stays in the cache while hundreds of
 * tracks take turns; the tables of {@link LargeGhash} are quicker for few keys and slower for many.
 */
final class SmallGhash extends Ghash {
  private final long[] products;

  /** For a hash key: 16 bytes of zero, encrypted. */
  SmallGhash(byte[] hashKey) {
    products = products(hashKey, 0, 4);
  }

  @Override
  void multiply(long x, long y) {
    long[] table = products;
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
}
