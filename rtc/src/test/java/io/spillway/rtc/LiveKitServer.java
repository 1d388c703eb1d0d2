package io.spillway.rtc;

import static org.assertj.core.api.Assertions.fail;

import io.livekit.server.AccessToken;
import io.livekit.server.CanPublish;
import io.livekit.server.CanSubscribe;
import io.livekit.server.Hidden;
import io.livekit.server.Recorder;
import io.livekit.server.RoomAdmin;
import io.livekit.server.RoomCreate;
import io.livekit.server.RoomJoin;
import io.livekit.server.RoomName;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A real livekit-server for one test class, on free ports of the loopback interface. */
final class LiveKitServer implements AutoCloseable {
  private static final String KEY = "testkey";
  private static final String SECRET = "test-secret-of-at-least-32-characters";

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port;
  private final int udpPort;
  private final int tcpPort;
  private final Path log;
  private Process process;

  private LiveKitServer(Path folder) {
    port = freeTcpPort();
    tcpPort = freeTcpPort();
    udpPort = freeUdpPort();
    log = folder.resolve("livekit-server.log");
    process = launch();
  }

  /** Starts one; its log goes to {@code folder}. Fails when there is no livekit-server. */
  static LiveKitServer start(Path folder) {
    LiveKitServer server = new LiveKitServer(folder);
    server.awaitReady();
    return server;
  }

  private Process launch() {
    String config =
        """
        port: %d
        bind_addresses: ["127.0.0.1"]
        keys: {%s: %s}
        rtc: {udp_port: %d, tcp_port: %d, node_ip: 127.0.0.1, use_external_ip: false}
        logging: {level: debug}
        """
            .formatted(port, KEY, SECRET, udpPort, tcpPort);
    try {
      return new ProcessBuilder(binary(), "--config-body", config)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    } catch (IOException cause) {
      throw new UncheckedIOException("can't run livekit-server", cause);
    }
  }

  private static String binary() {
    Optional<String> named = Optional.ofNullable(System.getenv("SPILLWAY_LIVEKIT_SERVER"));
    if (named.isPresent()) {
      return named.get();
    }
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of(path.split(Pattern.quote(File.pathSeparator), -1))
        .map(folder -> Path.of(folder, "livekit-server"))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElseGet(
            () -> fail("no livekit-server: put it on PATH or name it in SPILLWAY_LIVEKIT_SERVER"));
  }

  private void awaitReady() {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port)).build();
    Awaitility.await("livekit-server answers")
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .until(() -> http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200);
  }

  String url() {
    return "ws://127.0.0.1:" + port;
  }

  Path log() {
    return log;
  }

  /** A recorder's token: hidden, subscribe only. */
  String recorderToken(String room, String identity) {
    AccessToken token = new AccessToken(KEY, SECRET);
    token.setIdentity(identity);
    token.addGrants(
        new RoomJoin(true),
        new RoomName(room),
        new CanSubscribe(true),
        new CanPublish(false),
        new Hidden(true),
        new Recorder(true));
    return token.toJwt();
  }

  String publisherToken(String room, String identity) {
    AccessToken token = new AccessToken(KEY, SECRET);
    token.setIdentity(identity);
    token.addGrants(new RoomJoin(true), new RoomName(room), new CanPublish(true));
    return token.toJwt();
  }

  /** Calls a method of LiveKit's RoomService with a JSON body. */
  void roomService(String room, String method, String json) {
    AccessToken token = new AccessToken(KEY, SECRET);
    token.addGrants(new RoomAdmin(true), new RoomCreate(true), new RoomName(room));
    URI address = URI.create("http://127.0.0.1:" + port + "/twirp/livekit.RoomService/" + method);
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .header("Authorization", "Bearer " + token.toJwt())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        fail(method + " answered " + answer.statusCode() + " " + answer.body());
      }
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the server as an operator does ({@code SIGTERM}) and starts it again. */
  void restart() {
    stop();
    process = launch();
    awaitReady();
  }

  void stop() {
    process.destroy();
    try {
      if (!process.waitFor(3, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Kills it without a word to its clients. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops or continues the process: a server that hangs. */
  void signal(String name) {
    try {
      new ProcessBuilder(List.of("kill", "-" + name, String.valueOf(process.pid())))
          .start()
          .waitFor(5, TimeUnit.SECONDS);
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
    http.close();
  }

  private static int freeTcpPort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }

  private static int freeUdpPort() {
    try (DatagramSocket socket = new DatagramSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }
}
