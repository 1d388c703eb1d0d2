package io.spillway.app.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code spillway webhooks}: what became of them, and sending one again. */
@Command(
    name = "webhooks",
    description = "List webhooks, or send one again.",
    synopsisSubcommandLabel = "COMMAND")
final class WebhooksCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  static CommandLine line(Terminal terminal) {
    return new CommandLine(new WebhooksCommand())
        .addSubcommand(new WebhookListCommand(terminal))
        .addSubcommand(new RedeliverCommand(terminal));
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "list or redeliver?");
  }
}
