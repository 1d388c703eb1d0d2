package io.spillway.app.command;

import io.spillway.app.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of the commands that run or check a server: {@code up} and {@code doctor}. */
public final class ServerOptions {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = {
        "YAML with livekit/egress's keys and ours (docs/configuration.md).",
        "Default: EGRESS_CONFIG_FILE, or the text in EGRESS_CONFIG_BODY."
      })
  private Optional<Path> configFile = Optional.empty();

  @Option(
      names = "--livekit-url",
      paramLabel = "URL",
      description = "The LiveKit server (default: LIVEKIT_URL or LIVEKIT_WS_URL).")
  private Optional<String> livekitUrl = Optional.empty();

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      description = "Its API key (default: LIVEKIT_API_KEY).")
  private Optional<String> apiKey = Optional.empty();

  @Option(
      names = "--api-secret",
      paramLabel = "SECRET",
      description = {
        "Its API secret (default: LIVEKIT_API_SECRET).",
        "Prefer the variable: arguments are seen by everyone on this machine."
      })
  private Optional<String> apiSecret = Optional.empty();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port of the HTTP API, 0 for a free one (default: 7990).")
  private Optional<String> port = Optional.empty();

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description = "Address to listen on (default: 127.0.0.1; 0.0.0.0 for all).")
  private Optional<String> bind = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "What must survive a restart: store, spool, keys (default: spillway-data).")
  private Optional<String> data = Optional.empty();

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "trace, debug, info, warn or error (default: info).")
  private Optional<String> logLevel = Optional.empty();

  @Option(names = "--log-json", description = "Log as JSON, one object a line.")
  private boolean logJson;

  /** Reads file, environment and flags. */
  public ConfigFile.Loaded load(Terminal terminal) {
    Map<String, String> flags = new LinkedHashMap<>();
    livekitUrl.ifPresent(value -> flags.put("ws_url", value));
    apiKey.ifPresent(value -> flags.put("api_key", value));
    apiSecret.ifPresent(value -> flags.put("api_secret", value));
    port.ifPresent(value -> flags.put("port", value));
    bind.ifPresent(value -> flags.put("bind", value));
    data.ifPresent(value -> flags.put("data", value));
    logLevel.ifPresent(value -> flags.put("logging.level", value));
    if (logJson) {
      flags.put("logging.json", "true");
    }
    Optional<Path> file =
        configFile.or(() -> terminal.variable("EGRESS_CONFIG_FILE").map(Path::of));
    String text =
        file.map(ServerOptions::text).or(() -> terminal.variable("EGRESS_CONFIG_BODY")).orElse("");
    String name = file.map(Path::toString).orElse("configuration");
    return ConfigFile.read(name, text, terminal.environment(), flags);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new UsageException(
          "--config: can't read " + file + " (" + unreadable.getClass().getSimpleName() + ")",
          unreadable);
    }
  }
}
