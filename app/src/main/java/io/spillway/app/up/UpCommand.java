package io.spillway.app.up;

import io.spillway.app.command.ExitCode;
import io.spillway.app.command.ServerOptions;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.Version;
import io.spillway.app.config.Loaded;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.process.Starting;
import io.spillway.app.reload.ReloadParts;
import io.spillway.app.reload.Reloading;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code spillway up}: serves until it is told to end. */
@Command(
    name = "up",
    description = {
      "Serve: controller and node in one process, for one LiveKit server.",
      "Prints 'ready http://...' when it takes requests. SIGTERM and SIGINT (Ctrl-C) finish all",
      "files, report them, and end; what they cannot finish in time the next start does. SIGHUP reads",
      "the configuration again and takes keys, webhooks, alerts, limits and the log's level."
    },
    footer = {
      "",
      "Examples:",
      "  export LIVEKIT_URL=wss://livekit.example.com LIVEKIT_API_KEY=... LIVEKIT_API_SECRET=...",
      "  spillway up",
      "  spillway up --config egress.yaml --port 7990 --data /var/lib/spillway --log-json"
    })
public final class UpCommand implements Callable<Integer> {
  /** Kubernetes gives 30 s between SIGTERM and SIGKILL; some stay for closing. */
  private static final Duration END_WAIT = Duration.ofSeconds(15);

  private final Terminal terminal;

  @Mixin private ServerOptions options = new ServerOptions();

  /** For this terminal. */
  public UpCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    Loaded<SpillwayConfig> loaded = options.load(terminal);
    SpillwayConfig config = loaded.config();
    Starting.requireServer(config);
    var _ = Starting.log(config.log(), loaded.warnings(), UpCommand.class);
    Up up = Starting.begin(() -> open(config), config);
    Starting.serve(
        up,
        new Reloading<>(
            config, ReloadParts.up(), () -> options.load(terminal).config(), up::reload),
        () -> terminal.say("ready " + up.address()));
    return ExitCode.OK;
  }

  private Up open(SpillwayConfig config) {
    return new Up(config, terminal.time(), new SecureRandom(), new Version().number(), END_WAIT);
  }
}
