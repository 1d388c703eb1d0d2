package io.spillway.bench.stage;

import io.spillway.app.command.OutcomeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How our own program is started: by its script, or by a test that has the classes already. */
@FunctionalInterface
public interface Program {
  /** The command line of {@code spillway} with these arguments. */
  List<String> command(List<String> arguments);

  /** As a user starts it, by the script in {@code home}. */
  static Program script(Path home) {
    Path script = home.resolve("spillway");
    if (!Files.isExecutable(script)) {
      throw new OutcomeException("no start script in " + home + ": run './spillway bench'");
    }
    return arguments -> {
      List<String> command = new ArrayList<>(List.of(script.toString()));
      command.addAll(arguments);
      return command;
    };
  }
}
