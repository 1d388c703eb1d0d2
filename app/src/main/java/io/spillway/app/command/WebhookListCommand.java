package io.spillway.app.command;

import io.spillway.app.client.EgressClient;
import io.spillway.app.client.EgressText;
import io.spillway.app.client.Table;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code spillway webhooks list}: newest first. */
@Command(
    name = "list",
    description = "List webhooks with what became of them, newest first.",
    footer = {
      "",
      "Examples:",
      "  spillway webhooks list --state waiting",
      "  spillway webhooks list --egress EG_xxxxxxxxxxxx --json | jq -r '.items[].event_id'"
    })
final class WebhookListCommand implements Callable<Integer> {
  enum State {
    waiting,
    delivered,
    given_up
  }

  private final Terminal terminal;

  @Mixin private Connection connection = new Connection();

  @Option(names = "--egress", paramLabel = "EGRESS", description = "Only this egress's.")
  private String egress = "";

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "Only those that are ${COMPLETION-CANDIDATES}.")
  private State[] state = {};

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "At most this many (default: ${DEFAULT-VALUE}; 1000 at most).")
  private int limit = 100;

  @Option(names = "--json", description = "Print what /api/webhooks answers.")
  private boolean json;

  WebhookListCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (EgressClient client = connection.open(terminal)) {
      JsonNode page = client.webhooks(egress, state.length == 0 ? "" : state[0].name(), limit);
      if (json) {
        terminal.say(page.toString());
      } else {
        table(page).lines().forEach(terminal::say);
      }
      return ExitCode.OK;
    }
  }

  private Table table(JsonNode page) {
    Table table =
        new Table("EVENT", "EGRESS", "WHAT", "NO", "WHEN", "STATE", "TRIES", "ADDRESS", "NOTE");
    for (JsonNode item : page.path("items")) {
      table.row(
          item.path("event_id").asString(""),
          item.path("egress_id").asString(""),
          item.path("event").asString(""),
          item.path("sequence").asString(""),
          EgressText.when(item.path("created_at").asLong(0), terminal.zone()),
          item.path("state").asString("").replace('_', ' '),
          item.path("attempts").asString(""),
          item.path("url").asString(""),
          item.path("last_error").asString(""));
    }
    return table;
  }
}
