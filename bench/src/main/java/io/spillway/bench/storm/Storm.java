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
import java.util.concurrent.atomic.AtomicReference;

/**
 * The storm itself: first the peer alone does everything wrong, then Redis is in trouble as well
 * (pub/sub connections killed, five seconds of pause, a restart), then all behave again and the
 * client has a second to come back. Redis has its defaults: it cuts a subscriber for whom 32 MB
 * wait, which is one more loss of a connection.
 */
final class Storm {
  static final StormClient.Load CALM = new StormClient.Load(8, 60, 10);
  static final StormClient.Load TROUBLED = new StormClient.Load(8, 20, 10);
  static final StormClient.Load CLEAN = new StormClient.Load(8, 8, 0);
  private static final Duration BACK_WITHIN = Duration.ofSeconds(1);

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
   * @param clean 64 calls, one second after all behave
   */
  record Outcome(
      String label,
      Optional<StormClient.Result> calm,
      Optional<StormClient.Result> troubled,
      Optional<StormClient.Result> clean) {}

  Outcome meet(Entrant entrant) throws IOException, InterruptedException {
    TimeSource time = terminal.time();
    try (RedisProcess redis = RedisProcess.start(terminal, folder);
        RedisBus far =
            new RedisBus(
                RedisSettings.plain(redis.address()),
                BusLimits.defaults(),
                time,
                new Random(),
                new RpcMetrics())) {
      StormPeer peer = new StormPeer(far, time);
      boolean _ = peer.awaitActive(Duration.ofSeconds(10));
      try (StormClient client = entrant.on(redis.address())) {
        Optional<StormClient.Result> calm = client.run(CALM);
        Optional<StormClient.Result> troubled = inTrouble(client, redis);
        peer.behave();
        boolean _ = peer.awaitActive(Duration.ofSeconds(10));
        terminal.pause(BACK_WITHIN);
        return new Outcome(client.label(), calm, troubled, client.run(CLEAN));
      }
    }
  }

  private Optional<StormClient.Result> inTrouble(StormClient client, RedisProcess redis)
      throws InterruptedException {
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
      String _ = redis.command("CLIENT KILL TYPE pubsub");
      terminal.pause(Duration.ofMillis(200));
    }
    redis.freeze();
    terminal.pause(Duration.ofSeconds(5));
    redis.thaw();
    terminal.pause(Duration.ofMillis(500));
    redis.restart(Duration.ofMillis(500));
    calls.join();
    return result.get();
  }
}
