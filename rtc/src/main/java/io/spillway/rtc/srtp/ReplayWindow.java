package io.spillway.rtc.srtp;

import java.util.Arrays;

/**
 * Which packet indexes of one SSRC have come, over the last {@link #SIZE}. That many, because a
 * server that answers a NACK without RTX sends the old packet under its old index: the window must
 * reach as far back as packets are asked for again, and 64 (the least of RFC 3711) is 50 ms of
 * video.
 */
final class ReplayWindow {
  static final int SIZE = 2048;
  private static final long SEQUENCES = 1 << 16;
  private static final int HALF = 1 << 15;

  private final long[] seen = new long[SIZE / Long.SIZE];
  private long highest;

  /** A window in which only {@code first} has come. */
  ReplayWindow(long first) {
    highest = first;
    mark(first);
  }

  /**
   * The full index of a packet with that sequence number: the one nearest to the highest that came
   * (RFC 3711 section 3.3.1). Negative for one from before the first roll-over's start.
   */
  long nearest(int sequence) {
    long index = highest - (highest & (SEQUENCES - 1)) + sequence;
    if (index - highest > HALF) {
      return index - SEQUENCES;
    }
    return highest - index >= HALF ? index + SEQUENCES : index;
  }

  /** Whether a packet with that index may be taken: not seen and not older than the window. */
  boolean isFresh(long index) {
    if (index < 0 || highest - index >= SIZE) {
      return false;
    }
    return index > highest || (seen[word(index)] & 1L << index) == 0;
  }

  /** Remembers an index that is fresh and whose packet is authentic. */
  void accept(long index) {
    if (index - highest >= SIZE) {
      Arrays.fill(seen, 0);
    } else {
      for (long skipped = highest + 1; skipped < index; skipped++) {
        seen[word(skipped)] &= ~(1L << skipped);
      }
    }
    highest = Math.max(highest, index);
    mark(index);
  }

  private void mark(long index) {
    seen[word(index)] |= 1L << index;
  }

  private static int word(long index) {
    return (int) (index & (SIZE - 1)) >>> 6;
  }
}
