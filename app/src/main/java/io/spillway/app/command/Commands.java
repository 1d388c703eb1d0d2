package io.spillway.app.command;

import io.spillway.app.client.ApiException;
import io.spillway.app.config.ConfigException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;

/** The whole command line, put together by hand. */
public final class Commands {
  /** The program's name where a command follows. */
  private static final Pattern COMMAND = Pattern.compile("\\bspillway(?= [a-z])");

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
    line.setCommandName(terminal.program());
    withHelp(line, terminal.program());
    line.setOut(terminal.out()).setErr(terminal.err());
    line.setParameterExceptionHandler((wrong, args) -> misused(terminal, wrong));
    line.setExecutionExceptionHandler((failure, at, parsed) -> failed(terminal, failure));
    return line;
  }

  // Each command gets --help; mixinStandardHelpOptions in each annotation would be forgotten once.
  private static void withHelp(CommandLine line, String program) {
    line.getCommandSpec().mixinStandardHelpOptions(true);
    line.setUsageHelpWidth(100).setUsageHelpAutoWidth(true);
    UsageMessageSpec help = line.getCommandSpec().usageMessage();
    help.description(asStarted(help.description(), program));
    help.footer(asStarted(help.footer(), program));
    line.getSubcommands().values().forEach(each -> withHelp(each, program));
  }

  // What help shows can be copied: it names the program by the path that it was started by.
  private static String[] asStarted(String[] help, String program) {
    String name = Matcher.quoteReplacement(program);
    return Stream.of(help)
        .map(text -> COMMAND.matcher(text).replaceAll(name))
        .toArray(String[]::new);
  }

  private static int misused(Terminal terminal, ParameterException wrong) {
    terminal.warn("spillway: " + wrong.getMessage());
    String name = wrong.getCommandLine().getCommandSpec().qualifiedName();
    terminal.warn("'" + name + " --help' shows how.");
    return ExitCode.USAGE;
  }

  /** Tells what the API made of a request about {@code whom}; the exit code for it. */
  static int failed(Terminal terminal, String whom, ApiException failure) {
    if (failure.unreachable()) {
      terminal.warn("spillway: " + whom + failure.getMessage());
      return ExitCode.UNREACHABLE;
    }
    terminal.warn("spillway: " + whom + failure.code() + ": " + failure.getMessage());
    return ExitCode.REFUSED;
  }

  private static int failed(Terminal terminal, Exception failure) throws Exception {
    return switch (failure) {
      case ApiException unanswered -> failed(terminal, "", unanswered);
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
