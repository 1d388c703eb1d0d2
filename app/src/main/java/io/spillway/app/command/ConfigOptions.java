package io.spillway.app.command;

import io.spillway.app.config.ConfigFile;
import io.spillway.app.config.Loaded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of every command that reads the configuration file. */
public final class ConfigOptions {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = {
        "YAML with livekit/egress's keys and ours (docs/configuration.md).",
        "Default: the text in EGRESS_CONFIG_BODY, or the file EGRESS_CONFIG_FILE."
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
      names = "--data",
      paramLabel = "DIR",
      description = "What must survive a restart: spool, statuses, keys (default: spillway-data).")
  private Optional<String> data = Optional.empty();

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "trace, debug, info, warn or error (default: info).")
  private Optional<String> logLevel = Optional.empty();

  @Option(names = "--log-json", description = "Log as JSON, one object a line.")
  private boolean logJson;

  /** The configuration's text, and its name for messages. */
  private record Source(String name, String text) {}

  /** How a command reads its configuration: {@link ConfigFile#read} and the like. */
  @FunctionalInterface
  public interface Reading<C> {
    Loaded<C> read(
        String name, String text, Map<String, String> environment, Map<String, String> flags);
  }

  /**
   * Reads file, environment and flags.
   *
   * @param more the command's own options, by key of the file
   */
  public <C> Loaded<C> load(
      Terminal terminal, Reading<C> reading, Map<String, Optional<String>> more) {
    Map<String, String> flags = flags();
    more.forEach((key, value) -> value.ifPresent(text -> flags.put(key, text)));
    Source source = source(terminal);
    return reading.read(source.name(), source.text(), terminal.environment(), flags);
  }

  /**
   * The file asked for, else LiveKit's variables in its order: a text in EGRESS_CONFIG_BODY beats a
   * file in EGRESS_CONFIG_FILE. Without any an empty text.
   */
  private Source source(Terminal terminal) {
    if (configFile.isPresent()) {
      return read(configFile.get(), "--config");
    }
    return terminal
        .variable("EGRESS_CONFIG_BODY")
        .map(body -> new Source("EGRESS_CONFIG_BODY", body))
        .or(() ->
            terminal
                .variable("EGRESS_CONFIG_FILE")
                .map(file -> read(Path.of(file), "EGRESS_CONFIG_FILE")))
        .orElse(new Source("configuration", ""));
  }

  private Map<String, String> flags() {
    Map<String, String> flags = new LinkedHashMap<>();
    livekitUrl.ifPresent(value -> flags.put("ws_url", value));
    apiKey.ifPresent(value -> flags.put("api_key", value));
    apiSecret.ifPresent(value -> flags.put("api_secret", value));
    data.ifPresent(value -> flags.put("data", value));
    logLevel.ifPresent(value -> flags.put("logging.level", value));
    if (logJson) {
      flags.put("logging.json", "true");
    }
    return flags;
  }

  private static Source read(Path file, String from) {
    try {
      return new Source(file.toString(), Files.readString(file));
    } catch (IOException unreadable) {
      throw new UsageException(
          from + ": can't read " + file + " (" + unreadable.getClass().getSimpleName() + ")",
          unreadable);
    }
  }
}
