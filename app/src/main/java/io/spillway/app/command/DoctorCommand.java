package io.spillway.app.command;

import io.spillway.app.client.Table;
import io.spillway.app.config.Loaded;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.doctor.Doctor;
import io.spillway.app.doctor.Finding;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code spillway doctor}: is this machine fit? */
@Command(
    name = "doctor",
    description = "Check this machine and the LiveKit server; exit code 1 if recording can't work.",
    footer = {"", "Example:", "  spillway doctor --livekit-url wss://livekit.example.com"})
final class DoctorCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ServerOptions options = new ServerOptions();

  DoctorCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    Loaded<SpillwayConfig> loaded = options.load(terminal);
    loaded.warnings().forEach(terminal::warn);
    List<Finding> findings =
        new Doctor(loaded.config(), terminal.time(), Path.of("/proc")).examine();
    Table table = new Table("CHECK", "", "FOUND", "DO");
    boolean fit = true;
    for (Finding finding : findings) {
      table.row(
          finding.what(),
          finding.verdict().name().toLowerCase(Locale.ROOT),
          finding.found(),
          finding.advice());
      fit &= finding.verdict() != Finding.Verdict.FAIL;
    }
    table.lines().forEach(terminal::say);
    return fit ? ExitCode.OK : ExitCode.FAILED;
  }
}
