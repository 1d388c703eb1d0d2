package io.spillway.app.command;

import io.spillway.app.config.ConfigFile;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that run or check a server: {@code up} and {@code doctor}. */
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

  /** Reads file, environment and flags. */
  public ConfigFile.Loaded load(Terminal terminal) {
    ConfigOptions.Source source = source(terminal);
    return ConfigFile.read(source.name(), source.text(), terminal.environment(), flags());
  }

  /** The file. */
  ConfigOptions.Source source(Terminal terminal) {
    return options.source(terminal);
  }

  /** What was given as flags, by key of the file; may be added to. */
  Map<String, String> flags() {
    Map<String, String> flags = options.flags();
    port.ifPresent(value -> flags.put("port", value));
    bind.ifPresent(value -> flags.put("bind", value));
    return flags;
  }
}
