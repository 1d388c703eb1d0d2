package io.spillway.app.up;

import io.spillway.app.command.ExitCode;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.ServerOptions;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.UsageException;
import io.spillway.app.command.Version;
import io.spillway.app.config.ConfigFile;
import io.spillway.app.config.LogSetup;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.store.StoreException;
import java.io.UncheckedIOException;
import java.net.BindException;
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
      "files, report them, and end; what they cannot finish in time the next start does."
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
    requireServer(config);
    LogSetup.apply(config.log());
    Logger log = LoggerFactory.getLogger(UpCommand.class); // not before the set-up above
    loaded.warnings().forEach(warning -> log.atWarn().log(warning));
    Up up = open(config);
    // The hook runs while this thread waits: SIGTERM and Ctrl-C both end there.
    Thread hook = Thread.ofPlatform().name("shutdown").unstarted(up::close);
    Runtime.getRuntime().addShutdownHook(hook);
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
    } catch (StoreException | UncheckedIOException | IllegalStateException failed) {
      throw new OutcomeException("could not start: " + reason(failed), failed);
    } catch (RuntimeException failed) {
      // Jetty and Javalin wrap a taken port in types of their own.
      if (cause(failed) instanceof BindException) {
        throw new OutcomeException(
            "port %d of %s is taken: choose another with --port"
                .formatted(config.port(), config.bindAddress()),
            failed);
      }
      throw failed;
    }
  }

  private static Throwable cause(Throwable failed) {
    Throwable cause = failed.getCause();
    return cause == null ? failed : cause(cause);
  }

  private static String reason(Throwable failed) {
    String text = String.valueOf(failed.getMessage());
    Throwable cause = failed.getCause();
    return cause == null ? text : text + " (" + reason(cause) + ")";
  }

  private static void requireServer(SpillwayConfig config) {
    if (config.livekitUrl().isEmpty()) {
      throw new UsageException(
          "no LiveKit server: set LIVEKIT_URL (or --livekit-url, or ws_url in the config file)");
    }
    if (config.keys().isEmpty()) {
      throw new UsageException(
          "no API key: set LIVEKIT_API_KEY and LIVEKIT_API_SECRET (or api_key and api_secret in"
              + " the config file)");
    }
  }
}
