package io.spillway.storage.spool;

/** The spool could not do what was asked; says what, for which egress, and why. */
public final class SpoolException extends RuntimeException {
  private static final long serialVersionUID = 1;

  SpoolException(String message) {
    super(message);
  }

  SpoolException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
