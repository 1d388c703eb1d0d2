package io.spillway.app.command;

import io.spillway.app.client.EgressClient;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code spillway webhooks redeliver}: sends events once more. */
@Command(
    name = "redeliver",
    description = "Send webhooks once more, under the same ids, to all their addresses.",
    footer = {"", "Example:", "  spillway webhooks redeliver EV_xxxxxxxxxxxx"})
final class RedeliverCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private Connection connection = new Connection();

  @Parameters(paramLabel = "EVENT", arity = "1..*", description = "Event ids (EV_…).")
  private List<String> events = List.of();

  RedeliverCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (EgressClient client = connection.open(terminal)) {
      for (String event : events) {
        int deliveries = client.redeliver(event);
        terminal.say(
            "%s  %d %s".formatted(event, deliveries, deliveries == 1 ? "address" : "addresses"));
      }
      return ExitCode.OK;
    }
  }
}
