package io.spillway.storage.journal;

/** A journal that can't be opened; says which and why. Nothing was changed on disk. */
public final class JournalException extends RuntimeException {
  private static final long serialVersionUID = 1;

  JournalException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
