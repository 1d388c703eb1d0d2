package io.spillway.app.config;

import io.spillway.core.fleet.Region;
import java.util.List;
import java.util.Map;

/** Keys of a fleet that more than one command reads, and remarks on those of another command. */
final class FleetKeys {
  private static final List<String> OF_CONTROLLERS =
      List.of(
          "database_url",
          "database_user",
          "database_password",
          "database_connections",
          "secrets_key",
          "on_node_loss",
          "go_nodes",
          "supervisor",
          "front_door",
          "webhooks");

  private FleetKeys() {}

  /** Where this process runs; empty: not said. */
  static String region(Section root, Map<String, String> environment) {
    String region =
        root.string("region")
            .or(() -> ConfigFile.variable(environment, "SPILLWAY_REGION"))
            .orElse("");
    if (!Region.isName(region)) {
      throw root.problem("region", "expected " + Region.EXPECTED);
    }
    return region;
  }

  /** Remarks on keys that only a controller has a use for. */
  static void remarkOnControllers(Section root, List<String> warnings) {
    for (String key : OF_CONTROLLERS) {
      if (root.has(key)) {
        warnings.add(root.remark(key, "has no effect: it is for 'spillway controller'"));
      }
    }
  }
}
