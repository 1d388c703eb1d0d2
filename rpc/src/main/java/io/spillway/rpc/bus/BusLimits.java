package io.spillway.rpc.bus;

/**
 * What a bus may hold.
 *
 * @param messages accepted and not yet on their way; one more is refused
 * @param bytes of these messages together
 * @param messageBytes of one message; a larger one is refused when sent and dropped when received
 */
public record BusLimits(int messages, long bytes, int messageBytes) {
  private static final int ENVELOPE = 64 * 1024;

  /** Checks that all are positive. */
  public BusLimits {
    if (messages < 1 || bytes < 1 || messageBytes < 1) {
      throw new IllegalArgumentException("a bus's limits must be at least 1");
    }
  }

  /** 16 MiB messages and room for their envelopes. */
  public static BusLimits defaults() {
    return new BusLimits(16_384, 256L << 20, (16 << 20) + ENVELOPE);
  }
}
