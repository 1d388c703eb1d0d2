package io.spillway.bench.storm;

import io.spillway.bench.rpc.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** LiveKit's own psrpc in a process of its own, as it is. */
final class GoClient implements StormClient {
  /** A client that takes so much longer than all time-outs of its calls together hangs. */
  private static final Duration HANGS_AFTER = Duration.ofSeconds(20);

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String label;
  private final Peer process;
  private boolean hangs;

  GoClient(String version, Path program, String redis, Path log)
      throws IOException, InterruptedException {
    this.label = "Go " + version;
    this.process =
        Peer.startReady(
            List.of(
                program.toString(),
                "storm",
                "-redis",
                redis,
                "-service",
                "IOInfo",
                "-method",
                "UpdateEgress",
                "-timeout",
                TIMEOUT.toMillis() + "ms"),
            log);
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public Optional<Result> run(Load load) throws InterruptedException {
    if (hangs) {
      return Optional.empty();
    }
    try {
      process.tell(
          "%d %d %d %d"
              .formatted(load.callers(), load.each(), load.lateEach(), load.pause().toMillis()));
    } catch (IOException gone) {
      return Optional.empty();
    }
    Duration patience = TIMEOUT.plus(load.pause()).multipliedBy(load.each()).plus(HANGS_AFTER);
    Optional<Result> result =
        process.line(patience).map(line -> JSON.readValue(line, Result.class));
    hangs = result.isEmpty();
    return result;
  }

  /** Its process reads its next order when it has carried out the one before. */
  @Override
  public boolean canStop() {
    return false;
  }

  @Override
  public void stop() {}

  @Override
  public void close() {
    process.close();
  }
}
