package io.spillway.bench.stage;

import io.spillway.app.command.OutcomeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A process that a bench started: its first lines are read, its errors go to a file. */
final class Child implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(20);
  private static final int LOG_LINES = 20;

  private final String name;
  private final Process process;
  private final Path log;

  /** Only what it says at its start is of interest; later lines are let go. */
  private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(16);

  private Child(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** Starts {@code command} with its log in {@code folder}. */
  static Child start(
      String name, Path folder, Map<String, String> environment, List<String> command)
      throws IOException {
    Path log = folder.resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(folder.toFile());
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Child child = new Child(name, builder.start(), log);
    // A read from a pipe holds its thread: of a virtual one it would hold the carrier.
    Thread.ofPlatform().name(name + "-lines").daemon(true).start(child::readLines);
    return child;
  }

  private void readLines() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        boolean _ = lines.offer(line);
      }
    } catch (IOException ended) {
      // Whoever waits for a line hears that the process is gone.
    }
  }

  /** The next line of its output that begins so, without that beginning. */
  String lineAfter(String beginning, Duration wait) throws InterruptedException {
    for (long left = wait.toMillis(); left > 0; left -= 100) {
      String line = lines.poll(100, TimeUnit.MILLISECONDS);
      if (line != null && line.startsWith(beginning)) {
        return line.substring(beginning.length()).strip();
      }
      if (line == null && !process.isAlive()) {
        break;
      }
    }
    throw new OutcomeException(
        "%s did not say '%s' within %d s; its log ends with:%n%s"
            .formatted(name, beginning.strip(), wait.toSeconds(), logTail()));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Sends {@code STOP} or {@code CONT}, for example. Only ever to the process started here. */
  void signal(String signal) throws InterruptedException {
    try {
      int _ =
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    } catch (IOException missing) {
      throw new OutcomeException("the program 'kill' is missing", missing);
    }
  }

  /** SIGKILL; returns when it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    int _ = process.waitFor();
  }

  /** The last lines of its log. */
  String logTail() {
    try {
      List<String> all = Files.readAllLines(log, StandardCharsets.UTF_8);
      return String.join("\n", all.subList(Math.max(0, all.size() - LOG_LINES), all.size()));
    } catch (IOException none) {
      return "(no log)";
    }
  }

  /** SIGTERM, and SIGKILL when that isn't enough. Only ever to the process started here. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException hurried) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
