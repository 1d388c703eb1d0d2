package io.spillway.bench;

import io.spillway.app.command.Commands;
import io.spillway.app.command.Terminal;
import io.spillway.bench.blocked.BlockableBus;
import io.spillway.bench.dispatch.DispatchCommand;
import io.spillway.bench.incident.IncidentCommand;
import io.spillway.bench.node.NodeCommand;
import io.spillway.bench.rpc.RpcCommand;
import io.spillway.bench.storm.StormCommand;
import io.spillway.bench.tracks.TracksCommand;
import io.spillway.core.time.SystemTime;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/**
 * Where {@code ./spillway bench} begins. The start script says in {@code spillway.home} where it
 * lies itself: node and publisher are started by it, as a user would start them.
 */
public final class Main {
  private Main() {}

  /** Runs one measurement and ends with its exit code. */
  public static void main(String[] args) {
    int code;
    try (SystemTime time = new SystemTime()) {
      code = run(time, args);
    }
    System.exit(code);
  }

  private static int run(SystemTime time, String[] args) {
    Terminal terminal = Terminal.ofProcess(time, false);
    Path home =
        Path.of(Optional.ofNullable(System.getProperty("spillway.home")).orElse(""))
            .toAbsolutePath();
    CommandLine bench =
        new CommandLine(new BenchCommand())
            .addSubcommand(new SimulateCommand(terminal, time))
            .addSubcommand(new TracksCommand(terminal, home, List.of(args)))
            .addSubcommand(new NodeCommand(terminal, home, List.of(args)))
            .addSubcommand(new RpcCommand(terminal, home))
            .addSubcommand(new StormCommand(terminal, home))
            .addSubcommand(new DispatchCommand(terminal))
            .addSubcommand(new IncidentCommand(terminal, home, List.of(args)))
            .addSubcommand(BlockableBus.COMMAND, blockableNode(terminal));
    int code = Commands.line(terminal, List.of(bench)).execute(args);
    terminal.out().flush();
    terminal.err().flush();
    return code;
  }

  /** What incident starts in place of a node where it blocks one: nothing for people. */
  private static CommandLine blockableNode(Terminal terminal) {
    CommandLine node =
        new CommandLine(
            new io.spillway.app.node.NodeCommand(
                terminal, bus -> new BlockableBus(bus, terminal.time())));
    node.getCommandSpec().usageMessage().hidden(true);
    return node;
  }
}
