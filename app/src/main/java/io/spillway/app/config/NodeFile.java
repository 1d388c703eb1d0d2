package io.spillway.app.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads livekit/egress's configuration file for {@code spillway node}. */
public final class NodeFile {
  /** Host and port only: a path would be lost, a password shown in logs. */
  private static final Pattern CONTROLLER = Pattern.compile("https?://[\\w.\\[\\]:-]+/?");

  private NodeFile() {}

  /**
   * Reads a configuration; the parameters are those of {@link ConfigFile#read}.
   *
   * @throws ConfigException that names file, line and key
   */
  public static Loaded<NodeConfig> read(
      String name, String text, Map<String, String> environment, Map<String, String> flags) {
    Section root = new Section(name, "", YamlValue.parse(name, text).with(flags));
    List<String> warnings = new ArrayList<>();
    List<URI> controllers = controllers(root, environment);
    NodeConfig config =
        new NodeConfig(
            ConfigFile.common(root, environment, warnings),
            RedisSection.read(
                root,
                "the Redis of your "
                    + (controllers.isEmpty() ? "livekit-server" : "Spillway controllers"),
                warnings),
            root.whole("health_port", 0, 65_535).orElse(0),
            root.whole("prometheus_port", 0, 65_535).orElse(0),
            root.flag("last_resort_bids").orElse(true),
            controllers,
            FleetKeys.region(root, environment));
    remarkOnManaged(root, controllers, warnings);
    if (root.has("node_id")) {
      warnings.add(
          root.remark(
              "node_id", "has no effect: a node gets a new id at each start, as LiveKit's"));
    }
    FleetKeys.remarkOnControllers(root, warnings);
    warnings.addAll(ConfigFile.remarks(root));
    return new Loaded<>(config, warnings);
  }

  private static List<URI> controllers(Section root, Map<String, String> environment) {
    List<URI> controllers = new ArrayList<>();
    for (String address :
        ConfigFile.list(root, "controller_urls", environment, "SPILLWAY_CONTROLLER_URLS")) {
      if (!CONTROLLER.matcher(address).matches()) {
        throw root.problem(
            "controller_urls", "expected addresses of controllers like http://controller:7990");
      }
      controllers.add(URI.create(address));
    }
    return List.copyOf(controllers);
  }

  private static void remarkOnManaged(Section root, List<URI> controllers, List<String> warnings) {
    if (controllers.isEmpty() && root.has("region")) {
      warnings.add(root.remark("region", "has no effect without controller_urls"));
    }
    if (!controllers.isEmpty() && root.has("last_resort_bids")) {
      warnings.add(
          root.remark(
              "last_resort_bids",
              "has no effect beside controller_urls: controllers choose, nobody bids"));
    }
  }
}
