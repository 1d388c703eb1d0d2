package io.spillway.bench.storm;

import io.spillway.app.command.Terminal;
import io.spillway.bench.stage.RedisProcess;
import io.spillway.core.time.TimeSource;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.rpc.bus.RedisSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The storm itself: first the peer alone does everything wrong, then Redis is in trouble as well
 * (pub/sub connections killed, five seconds of pause, a restart), then all behave again and the
 * client has a second, from the end of the last trouble, to come back. Redis has its defaults: it
 * cuts a subscriber for whom 32 MB wait, which is one more loss of a connection.
 */
final class Storm {
  static final StormClient.Load CALM = new StormClient.Load(8, 60, 10, Duration.ZERO);

  /** Paced, so that there are calls before, between and after the troubles; enough for all. */
  static final StormClient.Load TROUBLED = new StormClient.Load(8, 200, 20, Duration.ofMillis(100));

  /** For a client that has to finish its load, each call of which may take its whole time-out. */
  private static final StormClient.Load TROUBLED_BRIEFLY =
      new StormClient.Load(8, 60, 20, Duration.ofMillis(100));

  static final StormClient.Load CLEAN = new StormClient.Load(8, 8, 0, Duration.ZERO);

  /** How long the client has to come back, and each clean call to be answered. */
  static final Duration BACK_WITHIN = Duration.ofSeconds(1);

  /** Of the calls that count, before the troubles and amid them: fewer would prove nothing. */
  static final int COUNTING_AT_LEAST = 60;

  private static final Duration BETWEEN_TROUBLES = Duration.ofMillis(500);

  /** Calls that count, made before each of the seven troubles: well over those needed in all. */
  private static final int COUNTING_BEFORE_EACH = 12;

  /** A slow machine gets this long for them before each trouble. */
  private static final Duration CALM_AT_MOST = Duration.ofSeconds(8);

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
   * @param answeredInCalm the calls of {@code calm} whose answer Redis gave to the client in time,
   *     over a connection that lived
   * @param troubled both do
   * @param answeredInTime the same of {@code troubled}
   * @param clean 64 calls, begun one second after the last trouble
   */
  record Outcome(
      String label,
      Optional<StormClient.Result> calm,
      Set<String> answeredInCalm,
      Optional<StormClient.Result> troubled,
      Set<String> answeredInTime,
      Optional<StormClient.Result> clean) {
    /** Copies the names. */
    Outcome {
      answeredInCalm = Set.copyOf(answeredInCalm);
      answeredInTime = Set.copyOf(answeredInTime);
    }

    /** The calls amid the troubles that failed although they had their answer. */
    Set<String> failedThoughAnswered() {
      return failedOf(troubled, answeredInTime);
    }

    /** The calls before the troubles that failed although they had their answer. */
    Set<String> failedInCalmThoughAnswered() {
      return failedOf(calm, answeredInCalm);
    }

    private static Set<String> failedOf(Optional<StormClient.Result> result, Set<String> answered) {
      Set<String> failed = new TreeSet<>(answered);
      result.ifPresentOrElse(r -> failed.retainAll(r.failedNames()), failed::clear);
      return failed;
    }

    /** Whether it failed no call that counts before the troubles, and there were enough. */
    boolean heldInCalm() {
      return calm.isPresent()
          && answeredInCalm.size() >= COUNTING_AT_LEAST
          && failedInCalmThoughAnswered().isEmpty();
    }

    /** The same amid the troubles, and clean after them: for a client that tries again. */
    boolean heldThroughout() {
      return heldInCalm()
          && calm.filter(result -> result.ok() == CALM.answeredInTime()).isPresent()
          && troubled.isPresent()
          && answeredInTime.size() >= COUNTING_AT_LEAST
          && failedThoughAnswered().isEmpty()
          && cleanAfterwards();
    }

    /** Whether all clean calls were answered, each within the time that it had to come back. */
    boolean cleanAfterwards() {
      return clean
          .filter(result -> result.ok() == CLEAN.answeredInTime())
          .filter(result -> result.longestMillis() <= BACK_WITHIN.toMillis())
          .isPresent();
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
        Set<String> answeredInCalm = peer.answeredInTime();
        peer.forgetAnswered();
        Loaded load = new Loaded(client);
        trouble(redis, troubles, peer);
        client.stop();
        peer.behave();
        if (!client.canStop()) {
          load.thread.join();
        }
        terminal.pause(BACK_WITHIN);
        Set<String> answered = peer.answeredInTime(); // before clean calls take the same names
        Optional<StormClient.Result> clean = client.run(CLEAN);
        load.thread.join();
        return new Outcome(
            client.label(), calm, answeredInCalm, load.result.get(), answered, clean);
      }
    }
  }

  /** The load amid the troubles, under way. */
  private static final class Loaded {
    private final AtomicReference<Optional<StormClient.Result>> result =
        new AtomicReference<>(Optional.empty());
    private final Thread thread;

    Loaded(StormClient client) {
      this.thread =
          Thread.ofPlatform()
              .name("storm-calls")
              .start(() -> {
                try {
                  result.set(client.run(client.canStop() ? TROUBLED : TROUBLED_BRIEFLY));
                } catch (InterruptedException stopping) {
                  Thread.currentThread().interrupt();
                }
              });
    }
  }

  /** Returns when the last trouble is over: Redis answers again. */
  private void trouble(RedisProcess redis, Troubles troubles, StormPeer peer)
      throws InterruptedException {
    List<Troubles.Making> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(() -> redis.command("CLIENT KILL TYPE pubsub"));
    }
    all.add(() -> {
      redis.freeze();
      terminal.pause(Duration.ofSeconds(5));
      redis.thaw();
    });
    all.add(() -> redis.restart(BETWEEN_TROUBLES));
    int counting = 0;
    for (Troubles.Making trouble : all) {
      counting += COUNTING_BEFORE_EACH;
      awaitCalls(peer, counting);
      troubles.make(trouble);
    }
  }

  /** By calls, not by the clock alone: a slow machine makes fewer in the same time. */
  private void awaitCalls(StormPeer peer, int counting) throws InterruptedException {
    long deadlineNanos = terminal.time().nanos() + CALM_AT_MOST.toNanos();
    do {
      terminal.pause(BETWEEN_TROUBLES);
    } while (peer.answeredInTime().size() < counting && terminal.time().nanos() < deadlineNanos);
  }
}
