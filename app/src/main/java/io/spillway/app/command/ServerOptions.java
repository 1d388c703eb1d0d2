package io.spillway.app.command;

import io.spillway.app.config.ConfigFile;
import io.spillway.app.config.Loaded;
import io.spillway.app.config.SpillwayConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that serve the API, or check whether it could be served. */
public final class ServerOptions {
  @Mixin private ConfigOptions options = new ConfigOptions();

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

  /** Reads file, environment and flags of a command without options of its own. */
  public Loaded<SpillwayConfig> load(Terminal terminal) {
    return load(terminal, ConfigFile::read, Map.of());
  }

  /** As {@link ConfigOptions#load}. */
  public <C> Loaded<C> load(
      Terminal terminal, ConfigOptions.Reading<C> reading, Map<String, Optional<String>> more) {
    Map<String, Optional<String>> all = new LinkedHashMap<>(more);
    all.put("port", port);
    all.put("bind", bind);
    return options.load(terminal, reading, all);
  }
}
