package io.spillway.bench.stage;

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
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A livekit-server of the bench's own, on free ports of the loopback interface. */
final class Server implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(20);
  private static final Duration LOOK_EACH = Duration.ofMillis(100);

  private final Child process;
  private final int port;

  private Server(Child process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts one; {@link #awaitAnswer} tells when it is up. */
  static Server start(Path program, ApiKey key, Path folder) throws IOException {
    return start(program, key, folder, "");
  }

  /** Starts one with more configuration (YAML). */
  static Server start(Path program, ApiKey key, Path folder, String yaml) throws IOException {
    List<Integer> ports = freePorts(3);
    Path config = folder.resolve("livekit.yaml");
    Files.writeString(config, configuration(key, ports) + yaml);
    Child process =
        Child.start(
            "livekit-server",
            folder,
            Map.of(),
            List.of(program.toString(), "--config", config.toString()));
    return new Server(process, ports.getFirst());
  }

  /** SPILLWAY_LIVEKIT_SERVER, or the first on PATH. */
  static Path program(Terminal terminal) {
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

  /** Ports of the loopback interface that nobody has right now. */
  static List<Integer> freePorts(int count) throws IOException {
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

  void awaitAnswer(Terminal terminal) throws InterruptedException {
    Deadline deadline = Deadline.in(terminal.time(), START);
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (!answers(http)) {
        if (!process.isAlive() || deadline.hasPassed()) {
          throw new OutcomeException("livekit-server did not come up:\n" + process.logTail());
        }
        terminal.pause(LOOK_EACH);
      }
    }
  }

  private boolean answers(HttpClient http) throws InterruptedException {
    try {
      URI front = URI.create("http://127.0.0.1:" + port + "/");
      HttpRequest request = HttpRequest.newBuilder(front).timeout(START).build();
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  String httpUrl() {
    return "http://127.0.0.1:" + port;
  }

  String url() {
    return "ws://127.0.0.1:" + port;
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.close();
  }
}
