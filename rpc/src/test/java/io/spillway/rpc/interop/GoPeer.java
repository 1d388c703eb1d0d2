package io.spillway.rpc.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Go psrpc in a process of its own: interop/psrpc-peer, built once per run. */
final class GoPeer implements AutoCloseable {
  private static final Path SOURCE = Path.of("..", "interop", "psrpc-peer");
  private static final Path PROGRAM = Path.of("target", "psrpc-peer").toAbsolutePath();

  private final Process process;
  private final BufferedReader output;

  private GoPeer(Process process, BufferedReader output) {
    this.process = process;
    this.output = output;
  }

  static void build() throws Exception {
    Process go;
    try {
      go =
          new ProcessBuilder("go", "build", "-o", PROGRAM.toString(), ".")
              .directory(SOURCE.toFile())
              .inheritIO()
              .start();
    } catch (IOException missing) {
      throw new UncheckedIOException("these tests need go (1.24 or later) on the PATH", missing);
    }
    if (!go.waitFor(5, TimeUnit.MINUTES) || go.exitValue() != 0) {
      throw new IllegalStateException("go build of interop/psrpc-peer failed, see above");
    }
  }

  private static Process start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Serves the test methods until closed. */
  static GoPeer serve(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("serve"));
    all.addAll(List.of(arguments));
    Process process = start(all);
    BufferedReader output = output(process);
    String line = line(output);
    if (!line.equals("ready")) {
      throw new IllegalStateException("psrpc-peer said \"" + line + "\" instead of ready");
    }
    return new GoPeer(process, output);
  }

  /** Ends it; how many requests its handlers were given. */
  int handledUntilNow() throws IOException {
    process.getOutputStream().close();
    return Integer.parseInt(line(output).replace("handled ", ""));
  }

  /** Makes calls and returns what became of them. */
  static Result call(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("call"));
    all.addAll(List.of(arguments));
    return new Result(line(output(start(all))));
  }

  private static BufferedReader output(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private static String line(BufferedReader output) throws IOException {
    String line = output.readLine();
    return line == null ? "" : line;
  }

  /** The line of JSON of a {@code call}. */
  record Result(String json) {
    long number(String key) {
      return Long.parseLong(find(key, "(\\d+)"));
    }

    String text(String key) {
      return find(key, "\"((?:[^\"\\\\]|\\\\.)*)\"");
    }

    private String find(String key, String value) {
      Matcher matcher = Pattern.compile("\"" + key + "\":" + value).matcher(json);
      if (!matcher.find()) {
        throw new IllegalStateException("no " + key + " in " + json);
      }
      return matcher.group(1);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
