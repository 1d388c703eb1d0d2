package io.spillway.controller.repair;

/** A step of a repair that could not be taken. */
public final class RepairException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what was tried, on what, and what stands now. */
  public RepairException(String message) {
    super(message);
  }

  /** As above, with what caused it. */
  public RepairException(String message, Throwable cause) {
    super(message, cause);
  }
}
