package io.spillway.app.command;

import io.spillway.app.client.EgressClient;
import io.spillway.app.client.EgressText;
import io.spillway.app.client.Table;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.FileInfo;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code spillway show}: everything about one recording. */
@Command(
    name = "show",
    description = "Show one recording with its files.",
    footer = {"", "Example:", "  spillway show EG_xxxxxxxxxxxx"})
final class ShowCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private Connection connection = new Connection();

  @Parameters(paramLabel = "EGRESS", description = "The egress id (EG_…).")
  private String egressId = "";

  @Option(names = "--json", description = "Print EgressInfo as JSON.")
  private boolean json;

  ShowCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (EgressClient client = connection.open(terminal)) {
      EgressInfo info = client.find(egressId).orElse(null);
      if (info == null) {
        terminal.warn("spillway: no egress has the id " + egressId);
        return ExitCode.REFUSED;
      }
      if (json) {
        terminal.say(EgressText.json(info));
      } else {
        facts(info).lines().forEach(terminal::say);
        files(info);
      }
      return ExitCode.OK;
    }
  }

  private Table facts(EgressInfo info) {
    Table table = new Table("EGRESS", info.getEgressId());
    table.row("room", info.getRoomName() + " (" + info.getRoomId() + ")");
    table.row("what", EgressText.source(info));
    table.row("status", EgressText.status(info));
    table.row("started", EgressText.when(info.getStartedAt(), terminal.zone()));
    table.row("updated", EgressText.when(info.getUpdatedAt(), terminal.zone()));
    table.row("ended", EgressText.when(info.getEndedAt(), terminal.zone()));
    optional(table, "details", info.getDetails());
    optional(table, "error", info.getError());
    optional(table, "error code", info.getErrorCode() == 0 ? "" : "" + info.getErrorCode());
    optional(table, "manifest", info.getManifestLocation());
    return table;
  }

  private static void optional(Table table, String name, String value) {
    if (!value.isEmpty()) {
      table.row(name, value);
    }
  }

  private void files(EgressInfo info) {
    if (info.getFileResultsCount() == 0) {
      return;
    }
    terminal.say("");
    Table table = new Table("FILE", "LENGTH", "SIZE");
    for (FileInfo file : info.getFileResultsList()) {
      table.row(
          file.getLocation().isEmpty() ? file.getFilename() : file.getLocation(),
          EgressText.clock(java.time.Duration.ofNanos(file.getDuration())),
          EgressText.bytes(file.getSize()));
    }
    table.lines().forEach(terminal::say);
  }
}
