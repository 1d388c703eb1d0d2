package io.spillway.app.command;

/** The command line is wrong in a way that picocli can't see. */
public final class UsageException extends RuntimeException {
  /** With what is wrong and what would be right. */
  public UsageException(String message) {
    super(message);
  }

  /** As above, with what caused it. */
  public UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
