package io.spillway.app.reload;

import io.spillway.app.config.ControllerConfig;
import io.spillway.app.config.NodeConfig;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.reload.Reloading.Part;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Which keys each command takes over while it serves. */
public final class ReloadParts {
  private static final Set<String> OF_CONTROLLER =
      Set.of("api_key, keys", "webhook", "alerts", "logging.level");
  private static final Set<String> OF_NODE =
      Set.of("session_limits", "cpu_cost.max_*", "logging.level");

  private ReloadParts() {}

  /** Of {@code spillway up}, which is both. */
  public static List<Part<SpillwayConfig>> up() {
    Set<String> both = new HashSet<>(OF_CONTROLLER);
    both.addAll(OF_NODE);
    return common(both);
  }

  /** Of {@code spillway controller}. */
  public static List<Part<ControllerConfig>> controller() {
    List<Part<ControllerConfig>> parts = new ArrayList<>();
    common(OF_CONTROLLER).forEach(part -> parts.add(part.of(ControllerConfig::common)));
    parts.add(new Part<>("redis", ControllerConfig::redis, false));
    parts.add(new Part<>("front_door, webhooks", ControllerConfig::frontDoor, false));
    parts.add(new Part<>("database_url", ControllerConfig::database, false));
    parts.add(new Part<>("secrets_key", config -> names(config), false));
    parts.add(new Part<>("region", ControllerConfig::region, false));
    parts.add(new Part<>("on_node_loss", ControllerConfig::onNodeLoss, false));
    parts.add(new Part<>("go_nodes", ControllerConfig::goNodes, false));
    parts.add(new Part<>("supervisor", ControllerConfig::supervisor, false));
    return parts;
  }

  /** Of {@code spillway node}. */
  public static List<Part<NodeConfig>> node() {
    List<Part<NodeConfig>> parts = new ArrayList<>();
    common(OF_NODE).forEach(part -> parts.add(part.of(NodeConfig::recorder)));
    parts.add(new Part<>("redis", NodeConfig::redis, false));
    parts.add(new Part<>("health_port", NodeConfig::healthPort, false));
    parts.add(new Part<>("prometheus_port", NodeConfig::prometheusPort, false));
    parts.add(new Part<>("last_resort_bids", NodeConfig::lastResortBids, false));
    parts.add(new Part<>("controller_urls", NodeConfig::controllers, false));
    parts.add(new Part<>("region", NodeConfig::region, false));
    return parts;
  }

  private static Object names(ControllerConfig config) {
    return config.secrets().map(Object::toString);
  }

  private static List<Part<SpillwayConfig>> common(Set<String> taken) {
    List<Part<SpillwayConfig>> all = new ArrayList<>();
    all.add(part("ws_url", SpillwayConfig::livekitUrl, taken));
    all.add(part("api_key, keys", config -> List.copyOf(config.keys().entrySet()), taken));
    all.add(part("cluster_id", SpillwayConfig::clusterId, taken));
    all.add(part("bind", SpillwayConfig::bindAddress, taken));
    all.add(part("port", SpillwayConfig::port, taken));
    all.add(part("data", SpillwayConfig::dataDir, taken));
    all.add(part("start_timeout", SpillwayConfig::startTimeout, taken));
    all.add(part("history_retention", SpillwayConfig::historyRetention, taken));
    all.add(part("storage and local files", SpillwayConfig::recording, taken));
    all.add(part("session_limits", SpillwayConfig::limits, taken));
    all.add(
        part(
            "cpu_cost.max_*",
            config ->
                List.of(
                    config.admission().maxCpuUtilization(), config.admission().maxMemoryBytes()),
            taken));
    all.add(
        part(
            "cpu_cost.*_cost",
            config ->
                List.of(config.admission().trackCpuCost(), config.admission().memoryCostBytes()),
            taken));
    all.add(part("udp_*, joins_at_once", SpillwayConfig::network, taken));
    all.add(part("webhook", SpillwayConfig::webhooks, taken));
    all.add(part("logging.level", config -> config.log().level(), taken));
    all.add(part("logging.json", config -> config.log().json(), taken));
    all.add(part("dashboard", SpillwayConfig::dashboard, taken));
    all.add(part("alerts", SpillwayConfig::alerts, taken));
    return all;
  }

  private static Part<SpillwayConfig> part(
      String name, Function<SpillwayConfig, Object> value, Set<String> taken) {
    return new Part<>(name, value, taken.contains(name));
  }
}
