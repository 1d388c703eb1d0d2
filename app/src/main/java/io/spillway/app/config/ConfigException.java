package io.spillway.app.config;

/** A configuration that can't be used: file, line, key and what is expected there. */
public final class ConfigException extends RuntimeException {
  ConfigException(String message) {
    super(message);
  }

  static ConfigException at(String file, int line, String text) {
    return new ConfigException(where(file, line) + text);
  }

  /** Line 0 stands for a flag, which has no line. */
  static String where(String file, int line) {
    return line == 0 ? "command line: " : file + ":" + line + ": ";
  }
}
