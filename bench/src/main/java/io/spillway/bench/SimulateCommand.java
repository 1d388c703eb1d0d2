package io.spillway.bench;

import io.spillway.app.command.Terminal;
import io.spillway.core.time.TimeSource;
import io.spillway.simulation.Cluster;
import io.spillway.simulation.Cluster.Outcome;
import io.spillway.simulation.Cluster.Scale;
import io.spillway.simulation.Mutant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code spillway bench simulate}. */
@Command(
    name = "simulate",
    description = {
      "Run the simulated cluster: 3 controllers, 50 nodes in 3 regions, everything failing.",
      "Prints a line for each seed and each broken rule. Exit code 1 if a rule was broken.",
      "A seed gives the same run again: --from SEED --seeds 1 replays it."
    },
    footer = {
      "",
      "Examples:",
      "  spillway bench simulate                          # 200 seeds of 10 000 egresses",
      "  spillway bench simulate --from 17 --seeds 1 --egresses 2000",
      "  spillway bench simulate --mutant NO_FENCE --seeds 5"
    })
final class SimulateCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final TimeSource time;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "200",
      description = "How many (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--from",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "The first (default: ${DEFAULT-VALUE}).")
  private long from;

  @Option(
      names = "--egresses",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Starts in each seed (default: ${DEFAULT-VALUE}).")
  private int egresses;

  @Option(
      names = "--mutant",
      paramLabel = "DEFECT",
      defaultValue = "NONE",
      description = "Leave a rule out: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Mutant mutant = Mutant.NONE;

  SimulateCommand(Terminal terminal, TimeSource time) {
    this.terminal = terminal;
    this.time = time;
  }

  @Override
  public Integer call() {
    silence();
    long began = time.nanos();
    int broken = 0;
    for (long seed = from; seed < from + seeds; seed++) {
      Outcome outcome = Cluster.run(seed, Scale.usual(egresses), mutant);
      broken += outcome.broken().size();
      terminal
          .out()
          .printf(
              "seed %d: %d asked, %d started, %d failed, %d moved, %d changes of health, %.0f s, %d steps%n",
              outcome.seed(),
              outcome.asked(),
              outcome.accepted(),
              outcome.failed(),
              outcome.moved(),
              outcome.judged(),
              outcome.simulatedSeconds(),
              outcome.steps());
      outcome.broken().forEach(rule -> terminal.out().println("  BROKEN " + rule));
      terminal.out().flush();
    }
    terminal
        .out()
        .printf(
            "%d seeds of %d egresses in %.1f s: %d broken rules%n",
            seeds, egresses, (time.nanos() - began) / 1e9, broken);
    return broken == 0 ? 0 : 1;
  }

  /**
   * The controllers log each transition: millions of lines here. Logback reads this when the first
   * logger is made, which is in the first seed.
   */
  private static void silence() {
    System.setProperty("spillway.log.level", "off");
  }
}
