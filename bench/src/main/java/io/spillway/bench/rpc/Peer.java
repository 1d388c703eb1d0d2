package io.spillway.bench.rpc;

import io.spillway.app.command.OutcomeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client or server in a process of its own, that is spoken to in lines. */
public final class Peer implements AutoCloseable {
  private static final Duration STARTS_WITHIN = Duration.ofSeconds(60);

  private final Process process;
  private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(64);

  private Peer(Process process) {
    this.process = process;
  }

  /** Starts it; its errors go to {@code log}. */
  public static Peer start(List<String> command, Path log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Peer peer = new Peer(builder.start());
    // A read from a pipe holds its thread: of a virtual one it would hold the carrier.
    Thread.ofPlatform().name("peer-lines").daemon(true).start(peer::readLines);
    return peer;
  }

  private void readLines() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        boolean _ = lines.offer(line);
      }
    } catch (IOException ended) {
      // Whoever waits for a line gets none.
    }
  }

  /** As above, and waits until it says that it is ready. */
  public static Peer startReady(List<String> command, Path log)
      throws IOException, InterruptedException {
    Peer peer = start(command, log);
    Optional<String> said = peer.line(STARTS_WITHIN);
    if (!said.equals(Optional.of("ready"))) {
      peer.close();
      throw new OutcomeException(
          command.getFirst() + " said " + said + " instead of ready: see " + log);
    }
    return peer;
  }

  /** Its next line, if one comes in time. */
  public Optional<String> line(Duration wait) throws InterruptedException {
    return Optional.ofNullable(lines.poll(wait.toMillis(), TimeUnit.MILLISECONDS));
  }

  /** Tells it a line. */
  public void tell(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
