package io.spillway.app.command;

import io.spillway.app.client.Table;
import io.spillway.app.config.DoctorFile;
import io.spillway.app.config.Loaded;
import io.spillway.app.doctor.Doctor;
import io.spillway.app.doctor.Finding;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code spillway doctor}: is this machine fit? */
@Command(
    name = "doctor",
    description = {
      "Check this machine and the LiveKit server; exit code 1 if recording can't work. With a Redis",
      "(a node's or controller's file, or --redis) also who answers there, and their clocks."
    },
    footer = {
      "",
      "Examples:",
      "  spillway doctor --livekit-url wss://livekit.example.com",
      "  spillway doctor --config egress.yaml"
    })
final class DoctorCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ServerOptions options = new ServerOptions();

  @Option(
      names = "--redis",
      paramLabel = "HOST:PORT",
      description = "The Redis of a livekit-server, or of controllers (key redis.address).")
  private Optional<String> redis = Optional.empty();

  DoctorCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    Loaded<DoctorFile.Examined> loaded = load();
    loaded.warnings().forEach(terminal::warn);
    List<Finding> findings =
        new Doctor(
                loaded.config().process(),
                loaded.config().redis(),
                terminal.time(),
                new SecureRandom(),
                Path.of("/proc"))
            .examine();
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

  private Loaded<DoctorFile.Examined> load() {
    return options.load(terminal, DoctorFile::read, Map.of("redis.address", redis));
  }
}
