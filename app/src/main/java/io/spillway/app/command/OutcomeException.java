package io.spillway.app.command;

/** A command ran and could not do what was asked; the text is for the person who asked. */
public final class OutcomeException extends RuntimeException {
  /** With what was tried and what is missing. */
  public OutcomeException(String message) {
    super(message);
  }

  /** As above, with what caused it. */
  public OutcomeException(String message, Throwable cause) {
    super(message, cause);
  }
}
