package io.spillway.bench.tracks;

import io.spillway.app.command.Terminal;
import io.spillway.app.command.Version;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Where figures come from; without it they can't be compared. */
public record Surroundings(
    String command,
    String when,
    String spillway,
    String java,
    String javaOptions,
    String livekitServer,
    String kernel,
    String processor,
    int cores,
    long memoryMebibytes) {
  /** Of this machine now. */
  public static Surroundings of(Terminal terminal, Path server, List<String> arguments) {
    return new Surroundings(
        "spillway " + String.join(" ", arguments),
        Instant.ofEpochSecond(terminal.time().unixNanos() / 1_000_000_000L).toString(),
        new Version().number(),
        System.getProperty("java.vendor.version", "") + " " + Runtime.version(),
        terminal.variable("JAVA_OPTS").orElse(""),
        version(server),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        entry("/proc/cpuinfo", "model name"),
        Runtime.getRuntime().availableProcessors(),
        Long.parseLong("0" + entry("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) / 1024);
  }

  private static String version(Path server) {
    try {
      Process process = new ProcessBuilder(server.toString(), "--version").start();
      try (InputStream out = process.getInputStream()) {
        return new String(out.readNBytes(200), StandardCharsets.UTF_8).strip();
      } finally {
        process.destroy();
      }
    } catch (IOException unknown) {
      return "unknown";
    }
  }

  private static String entry(String file, String key) {
    try {
      return Files.readAllLines(Path.of(file)).stream()
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException unreadable) {
      return "unknown";
    }
  }

  /** For people. */
  public List<String> lines() {
    return List.of(
        command + ", " + when,
        "Spillway "
            + spillway
            + ", Java "
            + java.strip()
            + ", "
            + livekitServer
            + (javaOptions.isEmpty() ? "" : ", JAVA_OPTS " + javaOptions),
        kernel + ", " + cores + " cores (" + processor + "), " + memoryMebibytes + " MiB");
  }
}
