package io.spillway.app.command;

import io.spillway.app.client.ApiException;
import io.spillway.app.config.ConfigException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;

/** The whole command line, put together by hand. */
public final class Commands {
  private Commands() {}

  /**
   * Builds it.
   *
   * @param more commands that need more of the program than the API's address ({@code up}, {@code
   *     demo}, …)
   */
  public static CommandLine line(Terminal terminal, List<Object> more) {
    CommandLine line = new CommandLine(new SpillwayCommand());
    for (Object command : more) {
      line.addSubcommand(command);
    }
    line.addSubcommand(new StartCommand(terminal))
        .addSubcommand(new ListCommand(terminal))
        .addSubcommand(new ShowCommand(terminal))
        .addSubcommand(new WatchCommand(terminal))
        .addSubcommand(new StopCommand(terminal))
        .addSubcommand(WebhooksCommand.line(terminal))
        .addSubcommand(new DoctorCommand(terminal))
        .addSubcommand(new HelpCommand());
    withHelp(line);
    line.setOut(terminal.out()).setErr(terminal.err());
    line.setParameterExceptionHandler((wrong, args) -> misused(terminal, wrong));
    line.setExecutionExceptionHandler((failure, at, parsed) -> failed(terminal, failure));
    return line;
  }

  // Each command gets --help; mixinStandardHelpOptions in each annotation would be forgotten once.
  private static void withHelp(CommandLine line) {
    line.getCommandSpec().mixinStandardHelpOptions(true);
    line.setUsageHelpWidth(100).setUsageHelpAutoWidth(true);
    line.getSubcommands().values().forEach(Commands::withHelp);
  }

  private static int misused(Terminal terminal, ParameterException wrong) {
    terminal.warn("spillway: " + wrong.getMessage());
    String name = wrong.getCommandLine().getCommandSpec().qualifiedName();
    terminal.warn("'" + name + " --help' shows how.");
    return ExitCode.USAGE;
  }

  private static int failed(Terminal terminal, Exception failure) throws Exception {
    return switch (failure) {
      case ApiException refused when refused.unreachable() -> {
        terminal.warn("spillway: " + refused.getMessage());
        yield ExitCode.UNREACHABLE;
      }
      case ApiException refused -> {
        terminal.warn("spillway: " + refused.code() + ": " + refused.getMessage());
        yield ExitCode.REFUSED;
      }
      case ConfigException wrong -> {
        terminal.warn("spillway: " + wrong.getMessage());
        yield ExitCode.USAGE;
      }
      case UsageException wrong -> {
        terminal.warn("spillway: " + wrong.getMessage());
        yield ExitCode.USAGE;
      }
      case OutcomeException bad -> {
        terminal.warn("spillway: " + bad.getMessage());
        yield ExitCode.FAILED;
      }
      default -> throw failure;
    };
  }
}
