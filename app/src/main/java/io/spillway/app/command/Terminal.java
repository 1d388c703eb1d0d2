package io.spillway.app.command;

import io.spillway.core.time.TimeSource;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;

/**
 * Where a command talks to, and what it knows of the machine.
 *
 * @param out results
 * @param err everything else
 * @param live whether a person watches: progress is redrawn in place then
 */
public record Terminal(
    PrintWriter out,
    PrintWriter err,
    Map<String, String> environment,
    TimeSource time,
    ZoneId zone,
    boolean live) {

  /** This process's own; {@code live} as above. */
  public static Terminal ofProcess(TimeSource time, boolean live) {
    return new Terminal(
        new PrintWriter(System.out, false, StandardCharsets.UTF_8),
        new PrintWriter(System.err, false, StandardCharsets.UTF_8),
        System.getenv(),
        time,
        ZoneId.systemDefault(),
        live);
  }

  /** A variable that is set and not empty. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  /** How this program was called: what a person types to call it again from the same folder. */
  public String program() {
    return variable("SPILLWAY_COMMAND").orElse("spillway");
  }

  /** Waits on this terminal's clock. */
  public void pause(Duration wait) throws InterruptedException {
    time.pause(wait);
  }

  /** Prints a result line at once. */
  public void say(String line) {
    out.println(line);
    out.flush();
  }

  /** Prints a remark at once. */
  public void warn(String line) {
    err.println(line);
    err.flush();
  }

  /** Shows a line in place of the one before it (a new line when nobody watches). */
  public void progress(String line) {
    if (live) {
      out.print("\r\u001b[2K" + line);
    } else {
      out.println(line);
    }
    out.flush();
  }

  /** Ends a line that {@link #progress} keeps redrawing. */
  public void progressDone() {
    if (live) {
      out.println();
      out.flush();
    }
  }
}
