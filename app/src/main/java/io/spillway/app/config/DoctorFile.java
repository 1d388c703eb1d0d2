package io.spillway.app.config;

import io.spillway.rpc.bus.RedisSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads whatever file a process of ours runs on, for {@code spillway doctor}. */
public final class DoctorFile {
  private DoctorFile() {}

  /**
   * A configuration and the remarks to show for it.
   *
   * @param redis of a file that names one: of a node or a controller
   */
  public record Loaded(
      SpillwayConfig config, Optional<RedisSettings> redis, List<String> warnings) {
    /** Copies what is handed in. */
    public Loaded {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Reads a configuration; the parameters are those of {@link ConfigFile#read}.
   *
   * @throws ConfigException that names file, line and key
   */
  public static Loaded read(
      String name, String text, Map<String, String> environment, Map<String, String> flags) {
    Section root = new Section(name, "", YamlValue.parse(name, text).with(flags));
    if (root.has("redis")) {
      NodeFile.Loaded node = NodeFile.read(name, text, environment, flags);
      return new Loaded(
          node.config().recorder(), Optional.of(node.config().redis()), node.warnings());
    }
    ConfigFile.Loaded up = ConfigFile.read(name, text, environment, flags);
    return new Loaded(up.config(), Optional.empty(), up.warnings());
  }
}
