package io.spillway.rpc;

import java.util.Locale;

/** Why a message was not taken. None of them is ever an error of the bus or ends a reader. */
public enum DropReason {
  /** For a call that has given up. */
  LATE,
  /** For a request id that was never ours. */
  UNKNOWN,
  /** A copy of what was taken already. */
  REPEATED,
  /** Not an envelope, or not the kind that belongs on the channel. */
  MALFORMED,
  /** No room: a queue or a limit was full. */
  OVERFLOW,
  /** Larger than the bus's limit. */
  OVERSIZED,
  /** A request whose time was over when it came. */
  EXPIRED,
  /** A receiver, bidder or handler of ours threw where it must not. */
  FAILED;

  /** The value of the metric's label. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
