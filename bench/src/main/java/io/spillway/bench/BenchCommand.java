package io.spillway.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code spillway bench} without a measurement: says what there is. */
@Command(
    name = "bench",
    description = "Measure this build against a real livekit-server on this machine.",
    synopsisSubcommandLabel = "WHAT")
final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Which measurement?");
  }
}
