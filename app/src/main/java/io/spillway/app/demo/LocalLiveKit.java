package io.spillway.app.demo;

import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.core.time.Deadline;
import io.spillway.core.token.ApiKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A livekit-server of our own, on free ports of the loopback interface: for demo and bench. */
public final class LocalLiveKit implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(20);
  private static final Duration LOOK_EACH = Duration.ofMillis(100);
  private static final int LOG_LINES = 20;

  private final Process process;
  private final int port;

  private LocalLiveKit(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts {@link #program} and waits until it answers.
   *
   * @param key its only API key
   * @param folder for its configuration and log
   * @param more configuration (YAML)
   */
  public static LocalLiveKit start(Terminal terminal, ApiKey key, Path folder, String more)
      throws IOException, InterruptedException {
    Path program = program(terminal);
    List<Integer> ports = freePorts(3);
    Path config = folder.resolve("livekit.yaml");
    Files.deleteIfExists(config);
    // The secret stands in a file that only we may read: arguments are seen by everyone.
    Files.createFile(
        config, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(config, configuration(key, ports) + more);
    Path log = folder.resolve("livekit.log");
    Process process =
        new ProcessBuilder(program.toString(), "--config", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    LocalLiveKit server = new LocalLiveKit(process, ports.getFirst());
    try {
      server.awaitAnswer(terminal, log);
      return server;
    } catch (RuntimeException | InterruptedException failed) {
      server.close();
      throw failed;
    }
  }

  private static String configuration(ApiKey key, List<Integer> ports) {
    return """
    port: %d
    bind_addresses: [127.0.0.1]
    rtc:
      tcp_port: %d
      udp_port: %d
      node_ip: 127.0.0.1
      enable_loopback_candidate: true
      ips:
        includes: [127.0.0.1/32]
    keys:
      %s: %s
    logging:
      level: warn
    """
        .formatted(ports.get(0), ports.get(1), ports.get(2), key.key(), key.secret());
  }

  /** SPILLWAY_LIVEKIT_SERVER, or the first on PATH. */
  public static Path program(Terminal terminal) {
    Stream<Path> onPath =
        Stream.of(terminal.variable("PATH").orElse("").split(":", -1))
            .map(folder -> Path.of(folder, "livekit-server"));
    return Stream.concat(
            terminal.variable("SPILLWAY_LIVEKIT_SERVER").map(Path::of).stream(), onPath)
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new OutcomeException("livekit-server is not on PATH: 'tools/setup demo' brings one"));
  }

  /** Ports of the loopback interface that nobody has right now. */
  public static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
  }

  private void awaitAnswer(Terminal terminal, Path log) throws InterruptedException {
    Deadline deadline = Deadline.in(terminal.time(), START);
    URI front = URI.create(httpUrl() + "/");
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (!answers(http, front)) {
        if (!process.isAlive() || deadline.hasPassed()) {
          throw new OutcomeException(
              "livekit-server did not come up; its log is %s:%n%s".formatted(log, tail(log)));
        }
        terminal.pause(LOOK_EACH);
      }
    }
  }

  private static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    } catch (IOException none) {
      return "";
    }
  }

  private static boolean answers(HttpClient http, URI front) throws InterruptedException {
    try {
      HttpRequest request = HttpRequest.newBuilder(front).timeout(START).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** {@code ws://127.0.0.1:…}. */
  public String url() {
    return "ws://127.0.0.1:" + port;
  }

  /** {@code http://127.0.0.1:…}. */
  public String httpUrl() {
    return "http://127.0.0.1:" + port;
  }

  /** Of its process. */
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException hurried) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
