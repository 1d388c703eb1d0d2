package io.spillway.app.controller;

import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.UsageException;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.store.StoreException;
import java.io.UncheckedIOException;
import java.net.BindException;

/** Says to a person why a process that serves the API did not start. */
public final class StartFailure {
  private StartFailure() {}

  /** Throws unless there is a LiveKit server and a key for it. */
  public static void requireServer(SpillwayConfig config) {
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

  /** What to throw for what was thrown; a defect stays what it is. */
  public static RuntimeException told(RuntimeException failed, SpillwayConfig config) {
    // Jetty and Javalin wrap a taken port in types of their own.
    if (root(failed) instanceof BindException) {
      return new OutcomeException(
          "port %d of %s is taken: choose another with --port"
              .formatted(config.port(), config.bindAddress()),
          failed);
    }
    return switch (failed) {
      case StoreException _, UncheckedIOException _, IllegalStateException _ ->
          new OutcomeException("could not start: " + reason(failed), failed);
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
}
