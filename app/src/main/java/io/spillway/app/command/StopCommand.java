package io.spillway.app.command;

import io.spillway.app.client.ApiException;
import io.spillway.app.client.EgressClient;
import io.spillway.app.client.EgressText;
import io.spillway.protocol.livekit.EgressInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code spillway stop}: ends recordings. */
@Command(
    name = "stop",
    description = "Stop recordings; what was recorded is kept.",
    footer = {
      "",
      "Examples:",
      "  spillway stop EG_xxxxxxxxxxxx --wait",
      "  spillway stop $(spillway list --active --json | jq -r '.items[].egress_id')"
    })
final class StopCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private Connection connection = new Connection();

  @Parameters(paramLabel = "EGRESS", arity = "1..*", description = "Egress ids (EG_…).")
  private List<String> egressIds = List.of();

  @Option(names = "--wait", description = "Stay until the files are finished.")
  private boolean wait;

  @Option(names = "--json", description = "Print EgressInfo as JSON.")
  private boolean json;

  StopCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (EgressClient client = connection.open(terminal)) {
      List<String> told = new ArrayList<>();
      int worst = ExitCode.OK;
      for (String id : egressIds) {
        int code = stop(client, id);
        if (code == ExitCode.OK) {
          told.add(id);
        }
        worst = Math.max(worst, code);
      }
      for (String id : wait ? told : List.<String>of()) {
        worst = Math.max(worst, end(client, id));
      }
      return worst;
    }
  }

  private int end(EgressClient client, String id) throws InterruptedException {
    try {
      return new Watch(terminal, client).untilEnd(id, json);
    } catch (ApiException failure) {
      return Commands.failed(terminal, id + ": ", failure);
    }
  }

  /** Whatever becomes of one, the others are told too. */
  private int stop(EgressClient client, String id) throws InterruptedException {
    try {
      EgressInfo info = client.stop(id);
      terminal.say(json ? EgressText.json(info) : id + "  " + EgressText.status(info));
      return ExitCode.OK;
    } catch (ApiException failure) {
      return Commands.failed(terminal, id + ": ", failure);
    }
  }
}
