package io.spillway.bench.rpc;

import io.spillway.app.command.ExitCode;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.UsageException;
import io.spillway.bench.stage.RedisProcess;
import io.spillway.bench.stage.Scratch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code spillway bench rpc}. */
@Command(
    name = "rpc",
    description = {
      "Measure IOInfo.UpdateEgress over psrpc, ours and LiveKit's own in Go, on one Redis.",
      "Each client and each server is a process of its own; CPU is the calling process's.",
      "Exit code 1 if ours makes fewer calls per second than Go at any point, or one fails."
    },
    footer = {
      "",
      "Examples:",
      "  spillway bench rpc",
      "  spillway bench rpc --callers 1,16 --seconds 2 --warm 2 --rounds 1"
    })
public final class RpcCommand implements Callable<Integer> {
  private static final int CALLERS_MAX = 4096;

  private final Terminal terminal;
  private final Path home;

  @Option(
      names = "--callers",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,16,256",
      description = "Calls at once (default: ${DEFAULT-VALUE}).")
  private List<Integer> callers = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How long each is measured (default: ${DEFAULT-VALUE}).")
  private int seconds = 5;

  @Option(
      names = "--warm",
      paramLabel = "N",
      defaultValue = "10",
      description = "Seconds of calls before that in Java (default: ${DEFAULT-VALUE}).")
  private int warm = 10;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds, the two in turn; told is the middle one (default: ${DEFAULT-VALUE}).")
  private int rounds = 3;

  @Option(
      names = "--bytes",
      paramLabel = "N",
      defaultValue = "300",
      description = "Size of a status (default: ${DEFAULT-VALUE}).")
  private int bytes = 300;

  /**
   * For this terminal.
   *
   * @param home where the start script lies
   */
  public RpcCommand(Terminal terminal, Path home) {
    this.terminal = terminal;
    this.home = home;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (seconds < 1 || warm < 0 || rounds < 1 || bytes < 1) {
      throw new UsageException("--seconds, --rounds and --bytes must be at least 1");
    }
    if (callers.stream().anyMatch(count -> count < 1 || count > CALLERS_MAX)) {
      throw new UsageException("--callers: expected 1 to " + CALLERS_MAX);
    }
    return Scratch.with(this::measure);
  }

  private int measure(Path folder) throws IOException, InterruptedException {
    terminal.say("building the Go peer (psrpc " + GoPeer.USUAL + ") ...");
    Contender go = new Contender.Go(GoPeer.build(home, GoPeer.USUAL));
    Contender java = new Contender.Java(home);
    try (RedisProcess redis = RedisProcess.start(terminal, folder)) {
      return measure(redis, folder, go, java);
    }
  }

  private int measure(RedisProcess redis, Path folder, Contender go, Contender java)
      throws IOException, InterruptedException {
    Map<Integer, Figures> ofGo = new LinkedHashMap<>();
    Map<Integer, Figures> ofJava = new LinkedHashMap<>();
    for (int count : callers) {
      List<Figures> goRounds = new ArrayList<>();
      List<Figures> javaRounds = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        terminal.say(count + " callers, round " + round + " ...");
        goRounds.add(round(redis, folder, go, count));
        javaRounds.add(round(redis, folder, java, count));
      }
      ofGo.put(count, Figures.median(goRounds));
      ofJava.put(count, Figures.median(javaRounds));
    }
    terminal.say("callers  who    calls/s         p50         p99  CPU/call  failed");
    boolean missed = false;
    for (int count : callers) {
      Figures theirs = ofGo.getOrDefault(count, Figures.NONE);
      Figures ours = ofJava.getOrDefault(count, Figures.NONE);
      terminal.say(theirs.row(count, go.label()));
      terminal.say(ours.row(count, java.label()));
      double ratio = ours.perSecond() / theirs.perSecond();
      boolean met = ratio >= 1 && ours.failed() == 0;
      missed |= !met;
      terminal.say(
          String.format(
              Locale.ROOT,
              "         Java makes %.2f times Go's calls: must 1 %s, reach 1.5 %s",
              ratio,
              met ? "met" : "MISSED",
              ratio >= 1.5 ? "met" : "missed"));
    }
    return missed ? ExitCode.FAILED : ExitCode.OK;
  }

  private Figures round(RedisProcess redis, Path folder, Contender who, int count)
      throws IOException, InterruptedException {
    Path log = folder.resolve("peers.log");
    Contender.Load load = new Contender.Load(count, seconds, warm, bytes);
    try (Peer _ = Peer.startReady(who.serve(redis.address()), log);
        Peer calling = Peer.start(who.call(redis.address(), load), log)) {
      String line =
          calling
              .line(Duration.ofSeconds(seconds + warm + 60L))
              .orElseThrow(
                  () -> new OutcomeException(who.label() + " told no figures: see " + log));
      return Figures.read(line);
    }
  }
}
