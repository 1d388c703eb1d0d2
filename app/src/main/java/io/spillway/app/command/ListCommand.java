package io.spillway.app.command;

import io.spillway.app.client.EgressClient;
import io.spillway.app.client.EgressText;
import io.spillway.app.client.Table;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.livekit.ListEgressResponse;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code spillway list}: recordings, newest first. */
@Command(
    name = "list",
    description = "List recordings, newest first.",
    footer = {
      "",
      "Examples:",
      "  spillway list --active",
      "  spillway list --room demo --json | jq '.items[].status'"
    })
final class ListCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private Connection connection = new Connection();

  @Option(names = "--room", paramLabel = "NAME", description = "Only this room's.")
  private String room = "";

  @Option(names = "--active", description = "Only those that run.")
  private boolean active;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "At most this many (default: ${DEFAULT-VALUE}).")
  private int limit = 100;

  @Option(names = "--json", description = "Print ListEgressResponse as JSON.")
  private boolean json;

  ListCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (EgressClient client = connection.open(terminal)) {
      var request = ListEgressRequest.newBuilder().setRoomName(room).setActive(active).build();
      List<EgressInfo> found = client.listAll(request, limit);
      if (json) {
        terminal.say(EgressText.json(ListEgressResponse.newBuilder().addAllItems(found).build()));
      } else {
        table(found).lines().forEach(terminal::say);
      }
      return ExitCode.OK;
    }
  }

  private Table table(List<EgressInfo> found) {
    Table table =
        new Table("EGRESS", "ROOM", "WHAT", "STATUS", "STARTED", "LENGTH", "SIZE", "NOTE");
    long now = terminal.time().unixNanos();
    for (EgressInfo info : found) {
      table.row(
          info.getEgressId(),
          info.getRoomName(),
          EgressText.source(info),
          EgressText.status(info),
          EgressText.when(info.getStartedAt(), terminal.zone()),
          EgressText.clock(EgressText.duration(info, now)),
          EgressText.bytes(EgressText.size(info)),
          info.getError());
    }
    return table;
  }
}
