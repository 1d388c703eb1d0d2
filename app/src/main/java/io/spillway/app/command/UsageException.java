package io.spillway.app.command;

/** The command line is wrong in a way that picocli can't see. */
final class UsageException extends RuntimeException {
  UsageException(String message) {
    super(message);
  }

  UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
