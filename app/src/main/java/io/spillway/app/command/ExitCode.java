package io.spillway.app.command;

/** Exit codes, the same for every command; {@code spillway --help} lists them. */
public final class ExitCode {
  /** Done, and what was asked for is so. */
  public static final int OK = 0;

  /** It ran, and the outcome is bad: an egress that failed, a check that failed, a wrong file. */
  public static final int FAILED = 1;

  /** The command line or the configuration is wrong; nothing was done. */
  public static final int USAGE = 2;

  /** Nobody answered at the address. */
  public static final int UNREACHABLE = 3;

  /** The server refused: its code and text were shown. */
  public static final int REFUSED = 4;

  private ExitCode() {}
}
