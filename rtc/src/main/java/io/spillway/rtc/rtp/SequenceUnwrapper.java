package io.spillway.rtc.rtp;

/**
 * Sequence numbers of 16 bits as ever growing ones of 64, with the care of RFC 3550 A.1: a number
 * far away from the last is believed only when its successor follows it.
 */
final class SequenceUnwrapper {
  /** The packet must be ignored: far away and not confirmed yet. */
  static final long IGNORED = -1;

  /** The stream goes on at a number far away. */
  static final long JUMPED = -2;

  /** RFC 3550's MAX_DROPOUT; also how far back a repeated packet may lie. */
  private static final int MAX_DISTANCE = 3_000;

  /** Leaves room below the first number for packets that overtook it. */
  private static final long ORIGIN = 1L << 16;

  private static final int NONE = -1;

  private long highest;
  private int afterJump = NONE;

  /** The stream begins with this number; returns it unwrapped. */
  long start(int sequence) {
    highest = ORIGIN + sequence;
    afterJump = NONE;
    return highest;
  }

  /** Unwraps a number, or {@link #IGNORED} or {@link #JUMPED}; only the latter needs a start. */
  long unwrap(int sequence) {
    long unwrapped = nearest(sequence);
    if (Math.abs(unwrapped - highest) > MAX_DISTANCE) {
      if (sequence == afterJump) {
        return JUMPED;
      }
      afterJump = (sequence + 1) & 0xffff;
      return IGNORED;
    }
    afterJump = NONE;
    highest = Math.max(highest, unwrapped);
    return unwrapped;
  }

  /** Unwraps the number of a repeated packet, which moves nothing; {@link #IGNORED} if too far. */
  long unwrapRepeated(int sequence) {
    long unwrapped = nearest(sequence);
    return Math.abs(unwrapped - highest) > MAX_DISTANCE ? IGNORED : unwrapped;
  }

  private long nearest(int sequence) {
    return highest + (short) (sequence - (int) highest);
  }
}
