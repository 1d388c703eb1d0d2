package io.spillway.storage;

/** An output that a request asked for can't be had; says which field of the request is at fault. */
public final class OutputRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Why, for callers that map it to a code of their own. */
  public enum Reason {
    /** The path itself makes no sense: NUL, too long. */
    INVALID_PATH,
    /** The path leaves the folders that the operator allows. */
    OUTSIDE_ROOTS,
    /** The folder can't be made or written. */
    NOT_WRITABLE,
    /** The operator allows no local files at all. */
    LOCAL_DISALLOWED,
    /** Less space is free than the operator wants kept. */
    NO_SPACE
  }

  private final Reason reason;
  private final String field;

  OutputRefusedException(Reason reason, String field, String message) {
    super(message);
    this.reason = reason;
    this.field = field;
  }

  /** The kind of refusal. */
  public Reason reason() {
    return reason;
  }

  /** The request's field, as LiveKit names it: {@code filepath} or {@code output}. */
  public String field() {
    return field;
  }
}
