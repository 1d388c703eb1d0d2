package io.spillway.app.process;

import io.spillway.app.command.OsSignal;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.UsageException;
import io.spillway.app.config.LogSetup;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.store.StoreException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a process that serves begins, and what is said to a person when it can't. */
public final class Starting {
  private Starting() {}

  /** Throws unless there is a LiveKit server and a key for it. */
  public static void requireServer(SpillwayConfig config) {
    if (config.livekitUrl().isEmpty()) {
      throw new UsageException(
          "no LiveKit server: set ws_url in the config file (or LIVEKIT_URL, LIVEKIT_WS_URL,"
              + " --livekit-url)");
    }
    if (config.keys().isEmpty()) {
      throw new UsageException(
          "no API key: set api_key and api_secret in the config file (or LIVEKIT_API_KEY and"
              + " LIVEKIT_API_SECRET)");
    }
  }

  /**
   * Sets logging up, before the first logger is made, and logs the remarks on the configuration.
   */
  public static Logger log(SpillwayConfig.Log how, List<String> remarks, Class<?> command) {
    LogSetup.apply(how);
    Logger log = LoggerFactory.getLogger(command);
    remarks.forEach(remark -> log.atWarn().log(remark));
    return log;
  }

  /**
   * Opens and starts what is served.
   *
   * @throws OutcomeException why it can't, for people
   */
  public static <S extends Serving> S begin(Supplier<S> opening, SpillwayConfig config)
      throws InterruptedException {
    try {
      S server = opening.get();
      try {
        server.start();
        return server;
      } catch (RuntimeException | InterruptedException failed) {
        server.close();
        throw failed;
      }
    } catch (RuntimeException failed) {
      throw told(failed, config);
    }
  }

  /** What to throw for what was thrown; a defect stays what it is. */
  private static RuntimeException told(RuntimeException failed, SpillwayConfig config) {
    return switch (failed) {
      case StoreException _, UncheckedIOException _, IllegalStateException _ ->
          new OutcomeException("could not start: " + reason(failed), failed);
      // Jetty and Javalin wrap a taken port in types of their own.
      case RuntimeException other when root(other) instanceof BindException ->
          new OutcomeException(
              "port %d of %s is taken: choose another with --port"
                  .formatted(config.port(), config.bindAddress()),
              other);
      default -> failed;
    };
  }

  private static Throwable root(Throwable failed) {
    Throwable cause = failed.getCause();
    return cause == null ? failed : root(cause);
  }

  private static String reason(Throwable failed) {
    String text = String.valueOf(failed.getMessage());
    Throwable cause = failed.getCause();
    return cause == null ? text : text + " (" + reason(cause) + ")";
  }

  /**
   * Serves until SIGTERM or Ctrl-C, which close it; SIGHUP runs {@code reload}. Never returns.
   *
   * @param ready run once all that is heard
   */
  public static void serve(Serving server, Runnable reload, Runnable ready)
      throws InterruptedException {
    // The hook runs while this thread waits.
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(server::close));
    OsSignal.handle("HUP", reload);
    ready.run();
    new CountDownLatch(1).await();
  }
}
