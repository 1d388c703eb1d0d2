package io.spillway.rtc.cipher;

/**
 * For long texts: sixteen bits per step, from one table for a step's first byte and one for its
 * second. 8 KiB per key, which only keys of video come to have.
 */
final class LargeGhash extends Ghash {
  private static final int TABLE_WORDS = 2 << 8;

  private final long[] first;
  private final long[] second;

  /** For a hash key: 16 bytes of zero, encrypted. */
  LargeGhash(byte[] hashKey) {
    first = products(hashKey, 0, 8);
    second = products(hashKey, 8, 8);
  }

  @Override
  void multiply(long x, long y) {
    long[] front = first;
    long[] back = second;
    if (front.length != TABLE_WORDS || back.length != TABLE_WORDS) { // spares a check per look-up
      throw new IllegalStateException();
    }
    long w0 = 0;
    long w1 = 0;
    long w2 = 0;
    long w3 = 0;
    for (int shift = 0; shift < 64; shift += 16) {
      w3 = w3 >>> 16 | w2 << 48;
      w2 = w2 >>> 16 | w1 << 48;
      w1 = w1 >>> 16 | w0 << 48;
      w0 = w0 >>> 16;
      int xBack = (int) (x >>> shift & 0xff) << 1;
      int yBack = (int) (y >>> shift & 0xff) << 1;
      int xFront = (int) (x >>> (shift + 8) & 0xff) << 1;
      int yFront = (int) (y >>> (shift + 8) & 0xff) << 1;
      w0 ^= back[xBack] ^ front[xFront];
      w1 ^= back[xBack + 1] ^ front[xFront + 1] ^ back[yBack] ^ front[yFront];
      w2 ^= back[yBack + 1] ^ front[yFront + 1];
    }
    reduce(w0, w1, w2, w3);
  }
}
