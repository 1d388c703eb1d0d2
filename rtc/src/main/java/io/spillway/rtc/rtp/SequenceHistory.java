package io.spillway.rtc.rtp;

import java.util.Arrays;

/** One bit for each of the last numbers that came: tells late packets from duplicates. */
final class SequenceHistory {
  private static final int BITS = 4_096;

  private final long[] words = new long[BITS / Long.SIZE];

  void clear() {
    Arrays.fill(words, 0);
  }

  /** Whether the number came; what is too old to know counts as having come. */
  boolean has(long sequence, long highest) {
    if (sequence <= highest - BITS) {
      return true;
    }
    return (words[word(sequence)] & bit(sequence)) != 0;
  }

  void add(long sequence) {
    words[word(sequence)] |= bit(sequence);
  }

  /** The highest number grows: those between, whose places held old ones, have not come. */
  void extend(long highest, long to) {
    if (to - highest >= BITS) {
      clear();
      return;
    }
    for (long number = highest + 1; number <= to; number++) {
      words[word(number)] &= ~bit(number);
    }
  }

  private static int word(long sequence) {
    return (int) (sequence & (BITS - 1)) / Long.SIZE;
  }

  private static long bit(long sequence) {
    return 1L << (sequence & (Long.SIZE - 1));
  }
}
