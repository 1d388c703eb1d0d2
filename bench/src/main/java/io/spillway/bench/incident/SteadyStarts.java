package io.spillway.bench.incident;

import io.spillway.app.client.ApiException;
import io.spillway.app.client.EgressClient;
import io.spillway.app.client.EgressText;
import io.spillway.app.command.Terminal;
import io.spillway.bench.stage.Fleet;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/**
 * Users who start a Track egress at an even pace, let it record for some seconds and stop it,
 * whatever happens. A virtual thread each, so many at once at most; a start that finds no place is
 * not made and counted.
 */
final class SteadyStarts implements AutoCloseable {
  /** More than lives and waits of a usual pace need: only a fleet that hangs fills it. */
  private static final int MOST_AT_ONCE = 600;

  private static final Duration SHORTEST = Duration.ofSeconds(4);
  private static final Duration LONGEST = Duration.ofSeconds(12);
  private static final Duration LOOK_EACH = Duration.ofMillis(500);
  private static final Duration STOP_EACH = Duration.ofSeconds(3);

  /** For the final status from when it was asked to stop: more than the longest fault and mend. */
  private static final Duration END_WITHIN = Duration.ofMinutes(2);

  private final Terminal terminal;
  private final TimeSource time;
  private final Fleet fleet;
  private final RandomGenerator random;
  private final Duration every;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger skipped = new AtomicInteger();
  private final List<Take> takes = new ArrayList<>();
  private final Phaser underWay = new Phaser(1);
  private final Thread pace;
  private volatile boolean over;

  /** Begins at once. {@code random} is for this thread of starts alone. */
  SteadyStarts(Terminal terminal, Fleet fleet, double perSecond, RandomGenerator random) {
    this.terminal = terminal;
    this.time = terminal.time();
    this.fleet = fleet;
    this.random = random;
    this.every = Duration.ofNanos((long) (1e9 / perSecond));
    this.pace = Thread.ofVirtual().name("starts").start(this::keepPace);
  }

  int asked() {
    return asked.get();
  }

  int failed() {
    return failed.get();
  }

  /** Starts that were due and not made, because too many hang. */
  int skipped() {
    return skipped.get();
  }

  private void keepPace() {
    long dueNanos = time.nanos();
    try {
      while (!over) {
        dueNanos += every.toNanos();
        long wait = dueNanos - time.nanos();
        if (wait > 0) {
          terminal.pause(Duration.ofNanos(wait));
        }
        if (places.tryAcquire()) {
          int number = asked.incrementAndGet();
          Duration life = Duration.ofNanos(random.nextLong(SHORTEST.toNanos(), LONGEST.toNanos()));
          int _ = underWay.register();
          Thread.ofVirtual().name("take-" + number).start(() -> run(number, life));
        } else {
          skipped.incrementAndGet();
        }
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(int number, Duration life) {
    try {
      Take take = take(number, life);
      synchronized (takes) {
        takes.add(take);
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } finally {
      places.release();
      int _ = underWay.arriveAndDeregister();
    }
  }

  private Take take(int number, Duration life) throws InterruptedException {
    EgressClient client = fleet.controllers().get(number % fleet.controllers().size()).client();
    long askedNanos = time.nanos();
    long askedAt = time.unixNanos();
    EgressInfo started;
    try {
      started = client.start(request(number));
    } catch (ApiException refused) {
      failed.incrementAndGet();
      return Take.failed(
          askedNanos, askedAt, since(askedNanos), refused.code() + ": " + refused.getMessage());
    }
    Duration answered = since(askedNanos);
    terminal.pause(life);
    String id = started.getEgressId();
    Optional<JsonNode> row = row(client, id);
    long stopAsked = time.unixNanos();
    Deadline deadline = Deadline.in(time, END_WITHIN);
    int stops = 0;
    Optional<EgressInfo> end = Optional.empty();
    Deadline nextStop = Deadline.in(time, Duration.ZERO);
    while (end.isEmpty() && !deadline.hasPassed()) {
      if (nextStop.hasPassed()) {
        stops++;
        stop(client, id);
        nextStop = Deadline.in(time, STOP_EACH);
      }
      terminal.pause(LOOK_EACH);
      end = find(client, id).filter(info -> EgressText.isFinal(info.getStatus()));
    }
    return new Take(
        askedNanos,
        askedAt,
        answered,
        id,
        "",
        row.map(each -> each.path("node").asString("")).orElse(""),
        row.map(each -> each.path("epoch").asInt()).orElse(0),
        stopAsked,
        stops,
        time.nanos(),
        end);
  }

  private Duration since(long nanos) {
    return Duration.ofNanos(time.nanos() - nanos);
  }

  private TrackEgressRequest request(int number) {
    return TrackEgressRequest.newBuilder()
        .setRoomName(Fleet.ROOM)
        .setTrackId(fleet.track())
        .setFile(
            DirectFileOutput.newBuilder()
                .setFilepath(fleet.recordings().resolve("take-" + number).toString()))
        .build();
  }

  private static Optional<JsonNode> row(EgressClient client, String id)
      throws InterruptedException {
    try {
      return Optional.of(client.page("/api/egress/" + id));
    } catch (ApiException notNow) {
      return Optional.empty();
    }
  }

  private static Optional<EgressInfo> find(EgressClient client, String id)
      throws InterruptedException {
    try {
      return client.find(id);
    } catch (ApiException notNow) {
      return Optional.empty();
    }
  }

  /** A stop that doesn't get through (its node is wedged) is asked for again: see the loop. */
  private static void stop(EgressClient client, String id) throws InterruptedException {
    try {
      EgressInfo _ = client.stop(id);
    } catch (ApiException unheard) {
      // Its status tells what became of it.
    }
  }

  /** No more starts; waits until all have their end, or are known to have none. */
  List<Take> finish() throws InterruptedException {
    over = true;
    pace.join();
    int phase = underWay.arrive();
    underWay.awaitAdvanceInterruptibly(phase);
    synchronized (takes) {
      return List.copyOf(takes);
    }
  }

  /** No more starts; what is under way ends with its server. */
  @Override
  public void close() {
    over = true;
  }
}
