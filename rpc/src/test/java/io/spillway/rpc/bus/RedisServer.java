package io.spillway.rpc.bus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A real redis-server of this test's own: on a free port, in a temporary folder, without files. */
public final class RedisServer implements AutoCloseable {
  private final Path folder;
  private final int port;
  private final List<String> options;
  private Process process;

  private RedisServer(Path folder, int port, List<String> options) {
    this.folder = folder;
    this.port = port;
    this.options = List.copyOf(options);
    this.process = launch();
  }

  /** Starts one; fails with a clear line where redis-server is missing. */
  public static RedisServer start(String... options) throws IOException {
    int port = freePort();
    Path folder = Files.createTempDirectory("redis");
    List<String> all = new ArrayList<>();
    all.addAll(List.of("--port", "" + port, "--bind", "127.0.0.1", "--dir", "" + folder));
    all.addAll(List.of("--save", "", "--appendonly", "no"));
    all.addAll(List.of(options));
    return new RedisServer(folder, port, all);
  }

  /** A Sentinel that watches the master "m" on a port and gives it up after half a second. */
  public static RedisServer sentinel(int masterPort) throws IOException {
    int port = freePort();
    Path folder = Files.createTempDirectory("sentinel");
    Path file = folder.resolve("sentinel.conf");
    Files.writeString(
        file,
        """
        port %d
        bind 127.0.0.1
        sentinel monitor m 127.0.0.1 %d 1
        sentinel down-after-milliseconds m 500
        sentinel failover-timeout m 3000
        """
            .formatted(port, masterPort));
    return new RedisServer(folder, port, List.of(file.toString(), "--sentinel"));
  }

  /** Six nodes of a Cluster, three of them replicas, that give a node up after 0.6 seconds. */
  public static List<RedisServer> cluster() throws Exception {
    List<RedisServer> nodes = new ArrayList<>();
    List<String> create = new ArrayList<>(List.of("redis-cli", "--cluster", "create"));
    for (int i = 0; i < 6; i++) {
      RedisServer node =
          start(
              "--cluster-enabled",
              "yes",
              "--cluster-node-timeout",
              "600",
              "--repl-diskless-sync-delay",
              "0",
              "--cluster-port",
              "" + freePort());
      nodes.add(node);
      create.add(node.address());
    }
    create.addAll(List.of("--cluster-replicas", "1", "--cluster-yes"));
    Path log = nodes.getFirst().folder().resolve("create.log");
    Process creation =
        new ProcessBuilder(create).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!creation.waitFor(60, TimeUnit.SECONDS) || creation.exitValue() != 0) {
      throw new IllegalStateException("redis-cli made no cluster:\n" + Files.readString(log));
    }
    awaitWhole(nodes);
    return nodes;
  }

  /** Waits until all these nodes find their Cluster whole, and each replica could take over. */
  public static void awaitWhole(List<RedisServer> nodes) {
    Awaitility.await("a whole cluster")
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            nodes.stream()
                .allMatch(node ->
                    node.answer("CLUSTER INFO").contains("cluster_state:ok")
                        && !node.answer("CLUSTER NODES").contains("fail")));
  }

  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process launch() {
    List<String> command = new ArrayList<>(List.of("redis-server"));
    command.addAll(options);
    try {
      Process started =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      Awaitility.await("redis-server on port " + port)
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(20))
          .until(this::accepts);
      return started;
    } catch (IOException missing) {
      throw new UncheckedIOException(
          "these tests need redis-server on the PATH (Debian: apt install redis-server)", missing);
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  public int port() {
    return port;
  }

  public Path folder() {
    return folder;
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Sends one inline command and returns the first line of the answer. */
  public String command(String line) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(2_000);
      socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
      StringBuilder answer = new StringBuilder();
      for (int c = socket.getInputStream().read(); c >= 0 && c != '\r'; ) {
        answer.append((char) c);
        c = socket.getInputStream().read();
      }
      return answer.toString();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Sends one inline command and returns all that comes within a moment. */
  public String answer(String line) {
    StringBuilder answer = new StringBuilder();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(200);
      socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
      for (int c = socket.getInputStream().read(); c >= 0; c = socket.getInputStream().read()) {
        answer.append((char) c);
      }
    } catch (IOException silent) {
      return answer.toString(); // nothing more comes
    }
    return answer.toString();
  }

  public void stop() {
    process.destroyForcibly();
    try {
      boolean _ = process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  public void startAgain() {
    process = launch();
  }

  /** Freezes it: it accepts connections (the kernel does) and answers nothing. */
  public void freeze() {
    signal("-STOP");
  }

  public void thaw() {
    signal("-CONT");
  }

  private void signal(String signal) {
    try {
      boolean _ =
          new ProcessBuilder("kill", signal, "" + process.pid())
              .start()
              .waitFor(5, TimeUnit.SECONDS);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    stop();
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
