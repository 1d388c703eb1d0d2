package io.spillway.store;

/** The store could not do what was asked; the message says what, for which egress, and why. */
public class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A failure with its own story. */
  public StoreException(String message) {
    super(message);
  }

  /** A failure that the database told us. */
  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
