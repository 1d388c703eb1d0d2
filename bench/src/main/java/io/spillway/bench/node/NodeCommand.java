package io.spillway.bench.node;

import io.spillway.app.client.EgressText;
import io.spillway.app.command.ExitCode;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.UsageException;
import io.spillway.bench.meter.Quantiles;
import io.spillway.bench.stage.Stage;
import io.spillway.bench.tracks.Surroundings;
import io.spillway.core.time.Deadline;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code spillway bench node}: starts through livekit-server, with nodes in egress's place. */
@Command(
    name = "node",
    description = {
      "How long a Track egress takes through livekit-server's own API, from the request to its",
      "answer and to ACTIVE stored in Redis, on 'spillway node'. One start at a time, each stopped",
      "before the next. Exit code 1 when the median to ACTIVE is over 100 ms."
    })
public final class NodeCommand implements Callable<Integer> {
  private static final double MUST_MILLIS = 100;
  private static final int NODES_MAX = 16;
  private static final int STARTS_MAX = 10_000;
  private static final int WARM = 20;
  private static final Duration LOOK_EACH = Duration.ofMillis(2);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration REST = Duration.ofMillis(20);

  private final Terminal terminal;
  private final Path home;
  private final List<String> arguments;

  @Option(
      names = "--starts",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many starts are measured (default: ${DEFAULT-VALUE}).")
  private int starts = 100;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many nodes bid for them (default: ${DEFAULT-VALUE}).")
  private int nodes = 1;

  /**
   * For this terminal.
   *
   * @param home where the start script lies
   * @param arguments of the command line, for the report
   */
  public NodeCommand(Terminal terminal, Path home, List<String> arguments) {
    this.terminal = terminal;
    this.home = home;
    this.arguments = List.copyOf(arguments);
  }

  /** Milliseconds of one start. */
  private record Start(double answered, double active) {}

  @Override
  public Integer call() throws InterruptedException {
    if (nodes < 1 || nodes > NODES_MAX || starts < 1 || starts > STARTS_MAX) {
      throw new UsageException("--nodes takes 1 to 16, --starts 1 to 10000");
    }
    return Stage.with(terminal, home, new SecureRandom(), this::measureOn);
  }

  private int measureOn(Stage stage) throws IOException, InterruptedException {
    Stage.UnderLiveKit parts = stage.openUnderLiveKit(nodes);
    terminal.say("warming up ...");
    List<Start> _ = measure(parts, WARM * nodes);
    terminal.say(starts + " starts, one at a time ...");
    List<Start> measured = measure(parts, starts);
    Surroundings.of(terminal, Stage.serverProgram(terminal), arguments)
        .lines()
        .forEach(terminal::say);
    Quantiles answered = Quantiles.of(measured.stream().map(Start::answered).toList());
    Quantiles active = Quantiles.of(measured.stream().map(Start::active).toList());
    terminal.say(line("request to answer", answered));
    terminal.say(line("request to ACTIVE", active));
    return active.p50() <= MUST_MILLIS ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String line(String what, Quantiles q) {
    return String.format(
        Locale.ROOT,
        "%s, ms: p50 %.0f, p90 %.0f, p99 %.0f, least %.0f, most %.0f (%d starts)",
        what,
        q.p50(),
        q.p90(),
        q.p99(),
        q.min(),
        q.max(),
        q.count());
  }

  private List<Start> measure(Stage.UnderLiveKit parts, int count) throws InterruptedException {
    List<Start> out = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long askedNanos = terminal.time().nanos();
      String id = parts.client().start(request(parts)).getEgressId();
      double answered = (terminal.time().nanos() - askedNanos) / 1e6;
      await(parts, id, status -> status != EgressStatus.EGRESS_STARTING);
      out.add(new Start(answered, (terminal.time().nanos() - askedNanos) / 1e6));
      EgressInfo _ = parts.client().stop(id);
      await(parts, id, EgressText::isFinal);
      terminal.pause(REST);
    }
    return out;
  }

  private static TrackEgressRequest request(Stage.UnderLiveKit parts) {
    return TrackEgressRequest.newBuilder()
        .setRoomName(Stage.ROOM)
        .setTrackId(parts.soundTrack())
        .setFile(
            DirectFileOutput.newBuilder()
                .setFilepath(parts.recordings().resolve("{track_id}-{time}").toString()))
        .build();
  }

  private void await(Stage.UnderLiveKit parts, String id, Predicate<EgressStatus> wanted)
      throws InterruptedException {
    Deadline deadline = Deadline.in(terminal.time(), PATIENCE);
    while (parts.stored().of(id).filter(info -> wanted.test(info.getStatus())).isEmpty()) {
      if (deadline.hasPassed()) {
        throw new OutcomeException("waited in vain for the status of " + id);
      }
      terminal.pause(LOOK_EACH);
    }
    EgressInfo info = parts.stored().of(id).orElseThrow();
    if (info.getStatus() == EgressStatus.EGRESS_FAILED) {
      throw new OutcomeException(id + " failed: " + info.getError());
    }
  }
}
