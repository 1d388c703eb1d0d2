package io.spillway.app.config;

import io.spillway.rpc.bus.RedisSettings;
import java.util.Map;
import java.util.Optional;

/** Reads whatever file a process of ours runs on, for {@code spillway doctor}. */
public final class DoctorFile {
  private DoctorFile() {}

  /**
   * What is to be examined.
   *
   * @param redis of a file that names one: of a node or a controller
   */
  public record Examined(SpillwayConfig process, Optional<RedisSettings> redis) {}

  /**
   * Reads a configuration; the parameters are those of {@link ConfigFile#read}.
   *
   * @throws ConfigException that names file, line and key
   */
  public static Loaded<Examined> read(
      String name, String text, Map<String, String> environment, Map<String, String> flags) {
    Section root = new Section(name, "", YamlValue.parse(name, text).with(flags));
    if (root.has("redis")) {
      Loaded<NodeConfig> node = NodeFile.read(name, text, environment, flags);
      NodeConfig config = node.config();
      return new Loaded<>(
          new Examined(config.recorder(), Optional.of(config.redis())), node.warnings());
    }
    Loaded<SpillwayConfig> up = ConfigFile.read(name, text, environment, flags);
    return new Loaded<>(new Examined(up.config(), Optional.empty()), up.warnings());
  }
}
