package io.spillway.core.egress;

/**
 * How an egress ended, as its final status tells.
 *
 * @param code {@code error_code}, 0 where it went well
 * @param error {@code error}, empty where it went well
 * @param reason for {@code details}
 */
public record Outcome(Kind kind, int code, String error, EndReason reason) {
  /** LiveKit's terminal statuses. */
  public enum Kind {
    COMPLETE,
    FAILED,
    ABORTED,
    LIMIT_REACHED
  }

  static Outcome complete(EndReason reason) {
    return new Outcome(Kind.COMPLETE, 0, "", reason);
  }

  /** It failed. */
  public static Outcome failed(Failure failure) {
    return new Outcome(Kind.FAILED, failure.code(), failure.text(), EndReason.FAILURE);
  }

  static Outcome aborted(String text, EndReason reason) {
    return new Outcome(Kind.ABORTED, 412, text, reason);
  }

  static Outcome limitReached() {
    return new Outcome(Kind.LIMIT_REACHED, 413, "Session limit reached", EndReason.LIMIT_REACHED);
  }
}
