package io.spillway.app.config;

import io.spillway.controller.gonode.GoNodes;
import io.spillway.core.fleet.LostEgress.OnNodeLoss;
import io.spillway.storage.seal.SealKeys;
import io.spillway.store.sql.PostgresSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the configuration file of {@code spillway controller}. */
public final class ControllerFile {
  private static final int USUAL_CONNECTIONS = 16;
  private static final int MOST_CONNECTIONS = 1000;

  /** Of a key's id, which is stored beside what the key sealed: enough to tell keys apart. */
  private static final int ID_BYTES = 4;

  private ControllerFile() {}

  /**
   * Reads a configuration; the parameters are those of {@link ConfigFile#read}. SPILLWAY_REGION,
   * SPILLWAY_DATABASE_URL, SPILLWAY_DATABASE_PASSWORD and SPILLWAY_SECRETS_KEY are read too.
   *
   * @throws ConfigException that names file, line and key
   */
  public static Loaded<ControllerConfig> read(
      String name, String text, Map<String, String> environment, Map<String, String> flags) {
    Section root = new Section(name, "", YamlValue.parse(name, text).with(flags));
    List<String> warnings = new ArrayList<>();
    SpillwayConfig common = ConfigFile.common(root, environment, warnings);
    Optional<PostgresSettings> database = database(root, environment);
    Optional<SealKeys> secrets = secrets(root, environment);
    if (database.isPresent() && secrets.isEmpty()) {
      throw new ConfigException(
          "no secrets_key: controllers that share a database must be able to open what another"
              + " sealed. Give all of them the same one (or SPILLWAY_SECRETS_KEY), made by: openssl"
              + " rand -base64 32");
    }
    ControllerConfig config =
        new ControllerConfig(
            common,
            RedisSection.read(root, "the Redis that your Spillway nodes use", warnings),
            database,
            secrets,
            FleetKeys.region(root, environment),
            onNodeLoss(root),
            goNodes(root),
            SupervisorSection.read(root, common.dataDir()),
            FrontDoorSection.read(root, common, warnings));
    remarkOnNodes(root, warnings);
    if (!root.has("bind")) {
      warnings.add(
          "bind is not set: the port is open on %s only, and no lease of a node on another machine comes through"
              .formatted(common.bindAddress()));
    }
    warnings.addAll(ConfigFile.remarks(root));
    return new Loaded<>(config, warnings);
  }

  private static Optional<PostgresSettings> database(
      Section root, Map<String, String> environment) {
    String user = root.string("database_user").orElse("");
    String password =
        root.string("database_password")
            .or(() -> ConfigFile.variable(environment, "SPILLWAY_DATABASE_PASSWORD"))
            .orElse("");
    int connections =
        root.whole("database_connections", 1, MOST_CONNECTIONS).orElse(USUAL_CONNECTIONS);
    return root.string("database_url")
        .or(() -> ConfigFile.variable(environment, "SPILLWAY_DATABASE_URL"))
        .map(url ->
            DatabaseUrl.read(url)
                .orElseThrow(() ->
                    root.problem(
                        "database_url",
                        "expected an address like postgres://user:password@host:5432/database"))
                .settings(user, password, connections));
  }

  private static Optional<SealKeys> secrets(Section root, Map<String, String> environment) {
    List<String> given = ConfigFile.list(root, "secrets_key", environment, "SPILLWAY_SECRETS_KEY");
    if (given.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> byId = new LinkedHashMap<>();
    given.forEach(key -> byId.putIfAbsent(idOf(key), key));
    try {
      return Optional.of(SealKeys.of(idOf(given.getFirst()), byId));
    } catch (IllegalArgumentException notAKey) {
      // Not its words: they may hold a part of the key.
      throw root.problem("secrets_key", "expected 32 bytes in Base64: openssl rand -base64 32");
    }
  }

  /** The same for every controller, whatever the order of its list. */
  private static String idOf(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return "s" + HexFormat.of().formatHex(hash, 0, ID_BYTES);
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java has SHA-256", absent);
    }
  }

  private static OnNodeLoss onNodeLoss(Section root) {
    String text = root.string("on_node_loss").orElse("continue");
    return switch (text) {
      case "continue" -> OnNodeLoss.CONTINUE;
      case "end" -> OnNodeLoss.END;
      default -> throw root.problem("on_node_loss", "expected continue or end");
    };
  }

  private static GoNodes goNodes(Section root) {
    String text = root.string("go_nodes").orElse("auto");
    return switch (text) {
      case "auto" -> GoNodes.AUTO;
      case "true" -> GoNodes.ALWAYS;
      case "false" -> GoNodes.NEVER;
      default -> throw root.problem("go_nodes", "expected auto, true or false");
    };
  }

  private static void remarkOnNodes(Section root, List<String> warnings) {
    for (String key :
        List.of("health_port", "prometheus_port", "last_resort_bids", "controller_urls")) {
      if (root.has(key)) {
        warnings.add(root.remark(key, "has no effect: it is for 'spillway node'"));
      }
    }
  }
}
