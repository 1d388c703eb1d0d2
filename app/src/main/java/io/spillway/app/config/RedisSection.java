package io.spillway.app.config;

import io.spillway.rpc.bus.RedisSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads sections with LiveKit's {@code redis} keys, for nodes and controllers alike. */
final class RedisSection {
  private static final int LONGEST_DIAL_MILLIS = 60_000;
  private static final int MOST_REDIRECTS = 100;
  private static final int MOST_DATABASES = 100_000;

  private RedisSection() {}

  /** Reads {@code redis}; {@code whose} says to a person which Redis is meant. */
  static RedisSettings read(Section root, String whose, List<String> warnings) {
    return read(root, "redis", whose, warnings);
  }

  /** Reads the section of this name. */
  static RedisSettings read(Section root, String name, String whose, List<String> warnings) {
    Section redis = root.section(name);
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
          "no Redis: set %s.address (or --%s) to %s"
              .formatted(name, name.replace('_', '-'), whose));
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
