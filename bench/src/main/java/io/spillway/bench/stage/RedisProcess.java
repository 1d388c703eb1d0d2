package io.spillway.bench.stage;

import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.app.demo.LocalLiveKit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A redis-server of the bench's own, with Redis's defaults, on a free port of the loopback. */
public final class RedisProcess implements AutoCloseable {
  private static final int STARTS_IN_TRIES = 100;
  private static final Duration LOOK_EACH = Duration.ofMillis(50);

  private final Terminal terminal;
  private final Path folder;
  private final int port;
  private Child process;

  private RedisProcess(Terminal terminal, Path folder, int port, Child process) {
    this.terminal = terminal;
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /** Starts one that keeps nothing; its log lies in {@code folder}. */
  public static RedisProcess start(Terminal terminal, Path folder)
      throws IOException, InterruptedException {
    int port = LocalLiveKit.freePorts(1).getFirst();
    RedisProcess redis = new RedisProcess(terminal, folder, port, launch(folder, port));
    redis.awaitAnswer();
    return redis;
  }

  private static Child launch(Path folder, int port) {
    List<String> command =
        List.of(
            "redis-server",
            "--port",
            Integer.toString(port),
            "--bind",
            "127.0.0.1",
            "--dir",
            folder.toString(),
            "--save",
            "",
            "--logfile",
            folder.resolve("redis.log").toString());
    try {
      return Child.start("redis", folder, Map.of(), command);
    } catch (IOException missing) {
      throw new OutcomeException(
          "redis-server is not on PATH: install it (Debian: apt install redis-server)", missing);
    }
  }

  private void awaitAnswer() throws InterruptedException {
    for (int tries = 0; !command("PING").startsWith("+PONG"); tries++) {
      if (tries == STARTS_IN_TRIES || !process.isAlive()) {
        throw new OutcomeException("redis-server did not come up: see its log in " + folder);
      }
      terminal.pause(LOOK_EACH);
    }
  }

  /** host:port. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Of its present process. */
  long pid() {
    return process.pid();
  }

  /** Sends one inline command; the first line of the answer, or nothing without one. */
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
    } catch (IOException unanswered) {
      return "";
    }
  }

  /** How many commands it has carried out since it began. */
  public long commandsProcessed() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(2_000);
      socket.getOutputStream().write("INFO stats\r\nQUIT\r\n".getBytes(StandardCharsets.UTF_8));
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return all.lines()
          .filter(line -> line.startsWith("total_commands_processed:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow(() -> new OutcomeException("Redis does not tell what it did: " + all));
    } catch (IOException unanswered) {
      throw new OutcomeException("Redis does not answer", unanswered);
    }
  }

  /** It accepts connections (the kernel does) and answers nothing. */
  public void freeze() throws InterruptedException {
    process.signal("STOP");
  }

  /** It goes on where it was. */
  public void thaw() throws InterruptedException {
    process.signal("CONT");
  }

  /** Kills it and starts it again after {@code pause}. */
  public void restart(Duration pause) throws InterruptedException {
    process.kill();
    terminal.pause(pause);
    process = launch(folder, port);
    awaitAnswer();
  }

  /** SIGKILL: it keeps nothing, and may be frozen. */
  @Override
  public void close() {
    try {
      process.kill();
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }
}
