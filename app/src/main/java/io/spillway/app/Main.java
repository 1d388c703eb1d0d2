package io.spillway.app;

import io.spillway.app.clip.PublishCommand;
import io.spillway.app.command.Commands;
import io.spillway.app.command.Terminal;
import io.spillway.app.controller.ControllerCommand;
import io.spillway.app.demo.DemoCommand;
import io.spillway.app.node.NodeCommand;
import io.spillway.app.up.UpCommand;
import io.spillway.core.time.SystemTime;
import java.io.Console;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Where the process begins. */
public final class Main {
  private Main() {}

  /** Runs one command and ends with its exit code. */
  public static void main(String[] args) {
    int code;
    try (SystemTime time = new SystemTime()) {
      code = run(time, args);
    }
    System.exit(code);
  }

  private static int run(SystemTime time, String[] args) {
    Terminal terminal =
        Terminal.ofProcess(
            time, Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false));
    int code =
        Commands.line(
                terminal,
                List.of(
                    new DemoCommand(terminal),
                    new UpCommand(terminal),
                    new ControllerCommand(terminal),
                    new NodeCommand(terminal, UnaryOperator.identity()),
                    new PublishCommand(terminal)))
            .execute(args);
    terminal.out().flush();
    terminal.err().flush();
    return code;
  }
}
