package io.spillway.node.recorder;

import io.spillway.core.egress.Failure;

/** A recording can't go on or begin; the failure is what the egress's status will say. */
public final class EgressFailedException extends RuntimeException {
  private final transient Failure failure;

  /** With the failure to report. */
  public EgressFailedException(Failure failure) {
    super(failure.text());
    this.failure = failure;
  }

  /** As above, with what caused it. */
  public EgressFailedException(Failure failure, Throwable cause) {
    super(failure.text(), cause);
    this.failure = failure;
  }

  /** What to report. */
  public Failure failure() {
    return failure;
  }
}
