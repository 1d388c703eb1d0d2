package io.spillway.bench.dispatch;

import io.spillway.app.command.ExitCode;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.UsageException;
import io.spillway.bench.stage.RedisProcess;
import io.spillway.bench.stage.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code spillway bench dispatch}. */
@Command(
    name = "dispatch",
    description = {
      "How many starts per second a controller gives to nodes, by the number of nodes: straight to",
      "the chosen node's topic (as it does), and by broadcast claims (as livekit-server does). Real",
      "Redis, real store (SQLite), real dispatcher; the nodes are psrpc servers in this process",
      "that answer at once. Also what canaries and presence cost Redis. All share one machine, and",
      "the nodes share a connection, which favours the broadcast.",
      "Exit code 1 when a start failed, or when Redis's commands per start grow with the nodes."
    },
    footer = {
      "",
      "Examples:",
      "  spillway bench dispatch                          # about two minutes",
      "  spillway bench dispatch --nodes 10,100 --seconds 3 --callers 1"
    })
public final class DispatchCommand implements Callable<Integer> {
  private static final int MOST_NODES = 5_000;
  private static final int MOST_CALLERS = 1_000;
  private static final int MOST_SECONDS = 600;

  /** A start's commands may differ so much by what a longer run's presence adds. */
  private static final double FLAT_WITHIN = 1.2;

  private final Terminal terminal;

  @Option(
      names = "--nodes",
      split = ",",
      paramLabel = "N",
      defaultValue = "10,100,1000",
      description = "Sizes of the fleet (default: 10,100,1000).")
  private List<Integer> sizes = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "6",
      description = "How long each is measured (default: 6).")
  private int seconds = 6;

  @Option(
      names = "--callers",
      paramLabel = "N",
      defaultValue = "16",
      description = "Starts at the same time (default: 16).")
  private int callers = 16;

  /** For this terminal. */
  public DispatchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (sizes.stream().anyMatch(each -> each < 1 || each > MOST_NODES)
        || seconds < 1
        || seconds > MOST_SECONDS
        || callers < 1
        || callers > MOST_CALLERS) {
      throw new UsageException("--nodes takes 1 to 5000, --seconds 1 to 600, --callers 1 to 1000");
    }
    // A line per start would be what is measured; read when the first logger is made.
    System.setProperty("spillway.log.level", "error");
    Duration lasting = Duration.ofSeconds(seconds);
    double least = Double.MAX_VALUE;
    double most = 0;
    int failed = 0;
    terminal.say(
        "nodes   way         starts/s   p50 ms   p99 ms  failed   Redis commands per start");
    for (int size : sizes) {
      Path folder = temporary();
      try (RedisProcess redis = RedisProcess.start(terminal, folder);
          DispatchRun run =
              new DispatchRun(terminal, redis, folder.resolve("store"), size, new SecureRandom())) {
        double idle = run.canaryCommandsPerSecond(Duration.ofSeconds(5));
        DispatchRun.Figures direct = run.direct(callers, lasting);
        say(size, "own topic", direct, idle);
        say(size, "broadcast", run.broadcast(callers, lasting), idle);
        terminal.say(
            String.format(
                Locale.ROOT,
                "%5d   canaries    %.0f commands/s on Redis, %.1f per node",
                size,
                idle,
                idle / size));
        least = Math.min(least, net(direct, idle));
        most = Math.max(most, net(direct, idle));
        failed += direct.failed();
      } catch (IOException broken) {
        throw new OutcomeException(String.valueOf(broken.getMessage()), broken);
      } finally {
        Stage.delete(folder);
      }
    }
    boolean flat = most <= FLAT_WITHIN * least;
    terminal.say(
        String.format(
            Locale.ROOT,
            "cost of a start on Redis: %.1f to %.1f commands: %s",
            least,
            most,
            flat ? "flat" : "NOT FLAT"));
    return flat && failed == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  /** What a start itself costs: without what the canaries sent meanwhile. */
  private static double net(DispatchRun.Figures figures, double idlePerSecond) {
    return figures.commands() - idlePerSecond / figures.perSecond();
  }

  private void say(int size, String way, DispatchRun.Figures figures, double idle) {
    terminal.say(
        String.format(
            Locale.ROOT,
            "%5d   %-9s   %8.0f   %6.1f   %6.1f   %5d   %.1f",
            size,
            way,
            figures.perSecond(),
            figures.millis().p50(),
            figures.millis().p99(),
            figures.failed(),
            net(figures, idle)));
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("spillway-bench-");
    } catch (IOException unwritable) {
      throw new OutcomeException("no temporary folder", unwritable);
    }
  }
}
