package io.spillway.bench.incident;

import io.spillway.app.command.ExitCode;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.UsageException;
import io.spillway.bench.stage.Program;
import io.spillway.bench.stage.Stage;
import io.spillway.bench.tracks.Surroundings;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code spillway bench incident}. */
@Command(
    name = "incident",
    description = {
      "Replay the incident: Redis, livekit-server, controller and three nodes in processes of their",
      "own, a user who starts a Track egress every quarter of a second and stops it some seconds",
      "later, and one fault after the other to one node after the other, from outside:",
      "",
      "  publish     its PUBLISHes are answered and reach nobody (a TCP proxy before Redis)",
      "  pubsub      its pub/sub connection falls silent",
      "  to-redis    nothing that it sends arrives at Redis",
      "  from-redis  nothing that Redis sends arrives at it",
      "  block       the thread that reads its messages never comes back (nodes are then started",
      "              with a bus of this bench's around theirs: nothing outside could do that)",
      "  storm       each answer four times, too late, broken, to wrong ids: to everybody",
      "  stop        SIGSTOP, 30 s later SIGCONT",
      "  kill        kill -9, started again after 3 s",
      "",
      "A wedge takes hold of new connections too for --hold seconds; the old ones stay wedged for",
      "ever, so the node has to mend itself by new ones. Prints failed starts, egresses without an",
      "end, how soon each fault was noticed, without work and mended, beside the incident's",
      "figures. Exit code 1 if a bound was missed; no verdict on times while others use the machine."
    },
    footer = {
      "",
      "Examples:",
      "  spillway bench incident                                  # about ten minutes",
      "  spillway bench incident --starts 200 --faults publish,kill",
      "  spillway bench incident --database-url postgres://user:pw@localhost:5432/empty  # two"
          + " controllers"
    })
public final class IncidentCommand implements Callable<Integer> {
  private static final int MOST_STARTS = 100_000;
  private static final double FASTEST = 50;
  private static final int MOST_HOLD = 600;

  private final Terminal terminal;
  private final Path home;
  private final List<String> arguments;

  @Option(
      names = "--starts",
      paramLabel = "N",
      defaultValue = "2000",
      description =
          "How many at least; the list of faults is gone through so often (default: 2000).")
  private int starts = 2000;

  @Option(
      names = "--rate",
      paramLabel = "PER_SECOND",
      defaultValue = "4",
      description = "Starts per second (default: 4).")
  private double rate = 4;

  @Option(
      names = "--faults",
      split = ",",
      paramLabel = "FAULT",
      defaultValue = "publish,pubsub,to-redis,from-redis,block,storm,stop,kill",
      description = "Which, in this order (default: all).")
  private List<String> faults = List.of();

  @Option(
      names = "--hold",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description = "How long a wedge and the storm last (default: 20).")
  private int hold = 20;

  @Option(
      names = "--recovery",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "From mended to the next fault (default: 5).")
  private int recovery = 5;

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      defaultValue = "",
      description = "An empty PostgreSQL: two controllers share it (default: one controller).")
  private String database = "";

  /**
   * For this terminal.
   *
   * @param home where the start script lies
   * @param arguments of the command line, for the report
   */
  public IncidentCommand(Terminal terminal, Path home, List<String> arguments) {
    this.terminal = terminal;
    this.home = home;
    this.arguments = List.copyOf(arguments);
  }

  @Override
  public Integer call() throws InterruptedException {
    if (starts < 1
        || starts > MOST_STARTS
        || !(rate > 0 && rate <= FASTEST)
        || hold < 1
        || hold > MOST_HOLD
        || recovery < 0
        || recovery > MOST_HOLD) {
      throw new UsageException(
          "--starts takes 1 to 100000, --rate up to 50, --hold 1 to 600, --recovery 0 to 600");
    }
    Replay.Plan plan =
        new Replay.Plan(
            Program.script(home),
            database,
            3,
            starts,
            rate,
            Fault.of(faults),
            Duration.ofSeconds(hold),
            Duration.ofSeconds(recovery));
    SecureRandom random = new SecureRandom();
    return Stage.with(
        terminal, home, random, stage -> told(new Replay(terminal, plan, random).on(stage)));
  }

  /** While the stage is there: it looks for the files. */
  private int told(Outcome outcome) {
    terminal.say("");
    Surroundings.of(terminal, Stage.serverProgram(terminal), arguments)
        .lines()
        .forEach(terminal::say);
    Report.of(outcome).forEach(terminal::say);
    boolean timed = outcome.timesHold() || Strangers.tooMuch(outcome.strangers());
    return outcome.countsHold() && timed ? ExitCode.OK : ExitCode.FAILED;
  }
}
