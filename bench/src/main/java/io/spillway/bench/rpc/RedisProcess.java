package io.spillway.bench.rpc;

import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A redis-server of the bench's own, with Redis's defaults, on a free port of the loopback. */
public final class RedisProcess implements AutoCloseable {
  private static final int STARTS_IN_TRIES = 100;
  private static final Duration LOOK_EACH = Duration.ofMillis(50);

  private final Terminal terminal;
  private final Path folder;
  private final int port;
  private Process process;

  private RedisProcess(Terminal terminal, Path folder, int port, Process process) {
    this.terminal = terminal;
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /** Starts one that keeps nothing; its log lies in {@code folder}. */
  public static RedisProcess start(Terminal terminal, Path folder)
      throws IOException, InterruptedException {
    int port = freePort();
    RedisProcess redis = new RedisProcess(terminal, folder, port, launch(folder, port));
    redis.awaitAnswer();
    return redis;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Process launch(Path folder, int port) {
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
            "");
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(folder.resolve("redis.log").toFile())
          .start();
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
    signal("-STOP");
  }

  /** It goes on where it was. */
  public void thaw() throws InterruptedException {
    signal("-CONT");
  }

  private void signal(String signal) throws InterruptedException {
    try {
      int _ = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    } catch (IOException failed) {
      throw new OutcomeException("the program 'kill' is missing", failed);
    }
  }

  /** Kills it and starts it again after {@code pause}. */
  public void restart(Duration pause) throws InterruptedException {
    close();
    terminal.pause(pause);
    process = launch(folder, port);
    awaitAnswer();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      boolean _ = process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
