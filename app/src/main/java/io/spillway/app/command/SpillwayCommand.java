package io.spillway.app.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code spillway} without a command: says what there is. */
@Command(
    name = "spillway",
    description = "Records LiveKit rooms. One command shows it all: spillway demo",
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Try it:                 spillway demo",
      "Serve a LiveKit server: LIVEKIT_URL=ws://127.0.0.1:7880 LIVEKIT_API_KEY=devkey \\",
      "                        LIVEKIT_API_SECRET=secret spillway up",
      "Replace livekit/egress: spillway node --config egress.yaml",
      "Run a fleet:            spillway controller --help",
      "Record a track of it:   spillway start track --room demo TR_xxxxxxxxxxxx --watch",
      "",
      "Exit codes: 0 done; 1 it ran and the outcome is bad; 2 wrong usage or configuration;",
      "            3 nobody answered; 4 the server refused."
    })
final class SpillwayCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Which command?");
  }
}
