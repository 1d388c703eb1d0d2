package io.spillway.app.up;

import io.spillway.app.command.ExitCode;
import io.spillway.app.command.OsSignal;
import io.spillway.app.command.ServerOptions;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.Version;
import io.spillway.app.config.ConfigFile;
import io.spillway.app.config.LogSetup;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.controller.StartFailure;
import io.spillway.app.reload.ReloadParts;
import io.spillway.app.reload.Reloading;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
    ConfigFile.Loaded loaded = options.load(terminal);
    SpillwayConfig config = loaded.config();
    StartFailure.requireServer(config);
    LogSetup.apply(config.log());
    Logger log = LoggerFactory.getLogger(UpCommand.class); // not before the set-up above
    loaded.warnings().forEach(warning -> log.atWarn().log(warning));
    Up up = open(config);
    // The hook runs while this thread waits: SIGTERM and Ctrl-C both end there.
    Thread hook = Thread.ofPlatform().name("shutdown").unstarted(up::close);
    Runtime.getRuntime().addShutdownHook(hook);
    OsSignal.handle(
        "HUP",
        new Reloading<>(
            config, ReloadParts.up(), () -> options.load(terminal).config(), up::reload));
    terminal.say("ready " + up.address());
    new CountDownLatch(1).await();
    return ExitCode.OK;
  }

  private Up open(SpillwayConfig config) {
    String version = new Version().number();
    try {
      Up up = new Up(config, terminal.time(), new SecureRandom(), version, END_WAIT);
      try {
        up.start();
        return up;
      } catch (RuntimeException failed) {
        up.close();
        throw failed;
      }
    } catch (RuntimeException failed) {
      throw StartFailure.told(failed, config);
    }
  }
}
