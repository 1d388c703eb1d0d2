package io.spillway.app.command;

import io.spillway.app.client.EgressClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code spillway watch}: follows a recording to its end. */
@Command(
    name = "watch",
    description = "Follow a recording until it ends; exit code 0 if it completed, 1 if not.",
    footer = {"", "Example:", "  spillway watch EG_xxxxxxxxxxxx && echo done"})
final class WatchCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private Connection connection = new Connection();

  @Parameters(paramLabel = "EGRESS", description = "The egress id (EG_…).")
  private String egressId = "";

  @Option(names = "--json", description = "Print EgressInfo as JSON at each look.")
  private boolean json;

  WatchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (EgressClient client = connection.open(terminal)) {
      return new Watch(terminal, client).untilEnd(egressId, json);
    }
  }
}
