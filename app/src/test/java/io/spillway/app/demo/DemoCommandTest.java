package io.spillway.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.command.Commands;
import io.spillway.app.command.ExitCode;
import io.spillway.app.command.Terminal;
import io.spillway.core.time.SimulatedTime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
  @TempDir private Path folder;

  /** A file in the way, because root may write everywhere. */
  @Test
  void anOutputFolderThatCanNotBeWrittenIsToldWithTheReason() throws Exception {
    Path file = Files.createFile(folder.resolve("taken"));
    StringWriter said = new StringWriter();
    PrintWriter print = new PrintWriter(said);
    var terminal = new Terminal(print, print, Map.of(), new SimulatedTime(), ZoneOffset.UTC, false);

    int code =
        Commands.line(terminal, List.of(new DemoCommand(terminal)))
            .execute("demo", "--out", file.toString());

    assertThat(code).isEqualTo(ExitCode.USAGE);
    assertThat(said.toString().strip())
        .startsWith("spillway: --out: can't write to " + file + ": " + file)
        .containsIgnoringCase("not a");
  }
}
