package io.spillway.rpc.bus;

/**
 * Decides from a bus's messages to itself whether it still hears: pure, one step per interval.
 *
 * <p>It counts messages, not time: after a pause of the whole process (a long collection, a
 * suspended machine) nothing was sent, so nothing is missing.
 *
 * @param unheard messages sent since the last one that came back
 */
record LoopWatch(int unheard) {
  /** Four intervals of silence: one lost message is no dead connection. */
  private static final int DEAF = 4;

  static LoopWatch fresh() {
    return new LoopWatch(0);
  }

  boolean isDeaf() {
    return unheard >= DEAF;
  }

  LoopWatch sent() {
    return new LoopWatch(unheard + 1);
  }

  LoopWatch heard() {
    return unheard == 0 ? this : fresh();
  }
}
