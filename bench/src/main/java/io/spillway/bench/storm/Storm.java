package io.spillway.bench.storm;

import io.spillway.app.command.Terminal;
import io.spillway.bench.rpc.RedisProcess;
import io.spillway.core.time.TimeSource;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.rpc.bus.RedisSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The storm itself: first the peer alone does everything wrong, then Redis is in trouble as well
 * (pub/sub connections killed, five seconds of pause, a restart), then all behave again and the
 * client has a second to come back. Redis has its defaults: it cuts a subscriber for whom 32 MB
 * wait, which is one more loss of a connection.
 */
final class Storm {
  static final StormClient.Load CALM = new StormClient.Load(8, 60, 10, Duration.ZERO);

  /** Paced, so that there are calls before, between and after the troubles. */
  static final StormClient.Load TROUBLED = new StormClient.Load(8, 60, 20, Duration.ofMillis(100));

  static final StormClient.Load CLEAN = new StormClient.Load(8, 8, 0, Duration.ZERO);

  /** How long the client has to come back, and each clean call to be answered. */
  static final Duration BACK_WITHIN = Duration.ofSeconds(1);

  private static final Duration BETWEEN_TROUBLES = Duration.ofMillis(500);

  private final Terminal terminal;
  private final Path folder;

  Storm(Terminal terminal, Path folder) {
    this.terminal = terminal;
    this.folder = folder;
  }

  /** Makes a client for the Redis of this storm. */
  interface Entrant {
    StormClient on(String redis) throws IOException, InterruptedException;
  }

  /**
   * What became of the three loads; empty: the client never came back from it.
   *
   * @param calm the peer misbehaves, Redis does not
   * @param troubled both do
   * @param answeredInTime the calls of {@code troubled} whose answer Redis gave to the client in
   *     time, over a connection that lived
   * @param clean 64 calls, one second after all behave
   */
  record Outcome(
      String label,
      Optional<StormClient.Result> calm,
      Optional<StormClient.Result> troubled,
      Set<String> answeredInTime,
      Optional<StormClient.Result> clean) {
    /** Copies the names. */
    Outcome {
      answeredInTime = Set.copyOf(answeredInTime);
    }

    /** The calls amid the troubles that failed although they had their answer. */
    Set<String> failedThoughAnswered() {
      Set<String> failed = new TreeSet<>(answeredInTime);
      troubled.ifPresent(result -> failed.retainAll(result.failedNames()));
      return failed;
    }
  }

  Outcome meet(Entrant entrant) throws IOException, InterruptedException {
    TimeSource time = terminal.time();
    try (RedisProcess redis = RedisProcess.start(terminal, folder);
        RedisBus far =
            new RedisBus(
                RedisSettings.plain(redis.address()),
                BusLimits.defaults(),
                time,
                new Random(),
                new RpcMetrics());
        RawPublisher speech = new RawPublisher(redis.address(), time)) {
      Troubles troubles = new Troubles(time);
      StormPeer peer = new StormPeer(far, speech, troubles, time);
      boolean _ = peer.awaitActive(Duration.ofSeconds(10));
      try (StormClient client = entrant.on(redis.address())) {
        Optional<StormClient.Result> calm = client.run(CALM);
        peer.forgetAnswered();
        Optional<StormClient.Result> troubled = inTrouble(client, redis, troubles);
        Set<String> answered = peer.answeredInTime();
        peer.behave();
        boolean _ = peer.awaitActive(Duration.ofSeconds(10));
        terminal.pause(BACK_WITHIN);
        return new Outcome(client.label(), calm, troubled, answered, client.run(CLEAN));
      }
    }
  }

  private Optional<StormClient.Result> inTrouble(
      StormClient client, RedisProcess redis, Troubles troubles) throws InterruptedException {
    AtomicReference<Optional<StormClient.Result>> result = new AtomicReference<>(Optional.empty());
    Thread calls =
        Thread.ofPlatform()
            .name("storm-calls")
            .start(() -> {
              try {
                result.set(client.run(TROUBLED));
              } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
              }
            });
    for (int i = 0; i < 5; i++) {
      terminal.pause(BETWEEN_TROUBLES);
      troubles.make(() -> redis.command("CLIENT KILL TYPE pubsub"));
    }
    terminal.pause(BETWEEN_TROUBLES);
    troubles.make(() -> {
      redis.freeze();
      terminal.pause(Duration.ofSeconds(5));
      redis.thaw();
    });
    terminal.pause(BETWEEN_TROUBLES);
    troubles.make(() -> redis.restart(BETWEEN_TROUBLES));
    calls.join();
    return result.get();
  }
}
