package io.spillway.app.config;

import io.spillway.rpc.bus.RedisSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads livekit/egress's configuration file for {@code spillway node}. */
public final class NodeFile {
  private static final int LONGEST_DIAL_MILLIS = 60_000;
  private static final int MOST_REDIRECTS = 100;
  private static final int MOST_DATABASES = 100_000;

  private NodeFile() {}

  /** A configuration and the remarks to show for it, each with file, line and key. */
  public record Loaded(NodeConfig config, List<String> warnings) {
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
    List<String> warnings = new ArrayList<>();
    NodeConfig config =
        new NodeConfig(
            ConfigFile.common(root, environment, warnings),
            redis(root, warnings),
            root.whole("health_port", 0, 65_535).orElse(0),
            root.whole("prometheus_port", 0, 65_535).orElse(0),
            root.flag("last_resort_bids").orElse(true));
    if (root.has("node_id")) {
      warnings.add(
          root.remark(
              "node_id", "has no effect: a node gets a new id at each start, as LiveKit's"));
    }
    warnings.addAll(ConfigFile.remarks(root));
    return new Loaded(config, warnings);
  }

  private static RedisSettings redis(Section root, List<String> warnings) {
    Section redis = root.section("redis");
    for (String key : List.of("read_timeout", "write_timeout", "pool_timeout", "pool_size")) {
      if (redis.has(key)) {
        warnings.add(
            redis.remark(
                key,
                "has no effect: one pipelined connection is used, each call has its deadline"));
      }
    }
    String address = redis.string("address").orElse("");
    if (!address.isEmpty() && !address.matches("\\[?[^\\s/]+]?:[0-9]{1,5}")) {
      throw redis.problem("address", "expected host:port");
    }
    List<String> sentinels = redis.strings("sentinel_addresses");
    List<String> cluster = redis.strings("cluster_addresses");
    if (address.isEmpty() && sentinels.isEmpty() && cluster.isEmpty()) {
      throw new ConfigException(
          "no Redis: set redis.address (or --redis) to the Redis of your livekit-server");
    }
    if (!sentinels.isEmpty() && redis.string("sentinel_master_name").isEmpty()) {
      throw redis.problem("sentinel_addresses", "needs sentinel_master_name beside it");
    }
    return new RedisSettings(
        address,
        redis.string("username").orElse(""),
        redis.string("password").orElse(""),
        redis.whole("db", 0, MOST_DATABASES).orElse(0),
        redis.flag("use_tls").orElse(false),
        tls(redis),
        redis.string("sentinel_master_name").orElse(""),
        redis.string("sentinel_username").orElse(""),
        redis.string("sentinel_password").orElse(""),
        sentinels,
        cluster,
        redis.whole("max_redirects", 0, MOST_REDIRECTS).orElse(2),
        Duration.ofMillis(
            redis.whole("dial_timeout", 0, LONGEST_DIAL_MILLIS).filter(n -> n > 0).orElse(2000)));
  }

  private static Optional<RedisSettings.Tls> tls(Section redis) {
    if (!redis.has("tls")) {
      return Optional.empty();
    }
    Section tls = redis.section("tls");
    return Optional.of(
        new RedisSettings.Tls(
            tls.flag("enabled").orElse(false),
            tls.flag("insecure").orElse(false),
            tls.string("server_name").orElse(""),
            tls.string("ca_cert_file").orElse(""),
            tls.string("client_cert_file").orElse(""),
            tls.string("client_key_file").orElse("")));
  }
}
