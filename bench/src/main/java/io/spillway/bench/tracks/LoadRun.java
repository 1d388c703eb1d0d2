package io.spillway.bench.tracks;

import io.spillway.app.client.ApiException;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.bench.meter.Meter;
import io.spillway.bench.meter.NodeCounters;
import io.spillway.bench.meter.StoredStatus.Unfinished;
import io.spillway.bench.meter.Usage;
import io.spillway.bench.stage.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** Runs one number of recordings at once and measures it. */
final class LoadRun {
  /** Requests under way at once: a client that has many tracks to record does so. */
  private static final int CALLERS = 16;

  /** Joins, first key frames and the compiler are done by then. */
  private static final Duration SETTLE = Duration.ofSeconds(8);

  /** Lets sockets close, and what the end of the recordings left over. */
  private static final Duration REST = Duration.ofSeconds(2);

  private final Terminal terminal;
  private final Recordings recordings;
  private final Stage.Parts stage;
  private final Duration length;

  LoadRun(Terminal terminal, Recordings recordings, Duration length) {
    this.terminal = terminal;
    this.recordings = recordings;
    this.stage = recordings.stage();
    this.length = length;
  }

  Load measure(Kind kind, int tracks) throws IOException, InterruptedException {
    NodeCounters start = Stage.counters(stage.node());
    long askedNanos = terminal.time().nanos();
    List<String> egresses = startAll(kind, tracks);
    double allActiveSeconds = (terminal.time().nanos() - askedNanos) / 1e9;
    terminal.pause(SETTLE);
    NodeCounters windowStart = Stage.counters(stage.node());
    Meter.Reading before = stage.meter().read();
    terminal.pause(length);
    Usage usage = Usage.between(before, stage.meter().read());
    NodeCounters window = Stage.counters(stage.node()).since(windowStart);
    requireAllActive(tracks);
    stopAll(egresses);
    NodeCounters whole = Stage.counters(stage.node()).since(start);
    Stage.delete(stage.recordings());
    Files.createDirectories(stage.recordings());
    terminal.pause(REST);
    return new Load(kind, tracks, allActiveSeconds, usage, windowStart.since(start), window, whole);
  }

  private List<String> startAll(Kind kind, int tracks) throws InterruptedException {
    Queue<String> egresses = new ConcurrentLinkedQueue<>();
    Queue<String> refused = new ConcurrentLinkedQueue<>();
    try (ExecutorService callers = callers()) {
      IntStream.range(0, tracks)
          .forEach(_ ->
              callers.execute(() -> call(() -> egresses.add(recordings.start(kind)), refused)));
    }
    requireNone(refused, "starts");
    recordings.await(
        tracks + " recordings to be ACTIVE", () -> stage.stored().unfinished().active() == tracks);
    return List.copyOf(egresses);
  }

  private void stopAll(List<String> egresses) throws InterruptedException {
    Queue<String> refused = new ConcurrentLinkedQueue<>();
    try (ExecutorService callers = callers()) {
      egresses.forEach(
          egress -> callers.execute(() -> call(() -> stage.client().stop(egress), refused)));
    }
    requireNone(refused, "stops");
    recordings.await("the recordings to end", () -> stage.stored().unfinished().all() == 0);
  }

  private static ExecutorService callers() {
    return Executors.newFixedThreadPool(CALLERS, Thread.ofVirtual().factory());
  }

  @FunctionalInterface
  private interface Call {
    Object make() throws InterruptedException;
  }

  private static void call(Call call, Queue<String> refused) {
    try {
      Object _ = call.make();
    } catch (ApiException why) {
      refused.add(why.code() + ": " + why.getMessage());
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
  }

  private static void requireNone(Queue<String> refused, String what) {
    if (!refused.isEmpty()) {
      throw new OutcomeException(
          "%d %s were refused, the first with %s".formatted(refused.size(), what, refused.peek()));
    }
  }

  private void requireAllActive(int tracks) {
    Unfinished left = stage.stored().unfinished();
    if (left.active() != tracks) {
      throw new OutcomeException(
          "only %d of %d recordings were still ACTIVE at the end of the measurement"
              .formatted(left.active(), tracks));
    }
  }
}
