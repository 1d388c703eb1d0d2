package io.spillway.app.config;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the section {@code front_door}, which has the keys of {@code redis}, and what goes with it.
 */
public final class FrontDoorSection {
  private static final String NAME = "front_door";

  private FrontDoorSection() {}

  static Optional<FrontDoorConfig> read(
      Section root, SpillwayConfig common, List<String> warnings) {
    String webhooks = root.string("webhooks").orElse("livekit");
    if (!List.of("livekit", "both").contains(webhooks)) {
      throw root.problem(
          "webhooks", "expected livekit (livekit-server sends them) or both (we do, too)");
    }
    if (!root.has(NAME)) {
      if (root.has("webhooks")) {
        warnings.add(root.remark("webhooks", "has no effect without front_door"));
      }
      return Optional.empty();
    }
    boolean own = webhooks.equals("both");
    if (!own && !common.webhooks().urls().isEmpty()) {
      warnings.add(
          root.remark(
              "webhook",
              "has no effect: with a front door livekit-server sends webhooks"
                  + " ('webhooks: both' turns ours on as well)"));
    }
    return Optional.of(
        new FrontDoorConfig(
            RedisSection.read(root, NAME, "the Redis of your livekit-server", warnings), own));
  }

  /**
   * The keys that an address stands for: {@code host:port}, or Redis' URL {@code
   * redis[s]://[user:password@]host[:port][/db]}.
   *
   * @throws ConfigException that doesn't show the address: it may hold a password
   */
  public static Map<String, String> flags(String address) {
    Map<String, String> flags = new LinkedHashMap<>();
    if (!address.contains("://")) {
      flags.put(NAME + ".address", address);
      return flags;
    }
    URI uri = parse(address);
    flags.put(NAME + ".address", uri.getHost() + ":" + (uri.getPort() < 0 ? 6379 : uri.getPort()));
    if (uri.getScheme().equals("rediss")) {
      flags.put(NAME + ".use_tls", "true");
    }
    String user = uri.getUserInfo() == null ? "" : uri.getUserInfo();
    int colon = user.indexOf(':');
    putUnlessEmpty(flags, ".username", user.substring(0, Math.max(0, colon)));
    putUnlessEmpty(flags, ".password", user.substring(colon + 1)); // alone it is the password
    String path = uri.getPath() == null ? "" : uri.getPath();
    putUnlessEmpty(flags, ".db", path.replaceFirst("^/", ""));
    return flags;
  }

  private static URI parse(String address) {
    try {
      URI uri = URI.create(address);
      if (uri.getHost() != null && String.valueOf(uri.getScheme()).matches("rediss?")) {
        return uri;
      }
    } catch (IllegalArgumentException malformed) {
      // said below, without its words: they show the address
    }
    throw new ConfigException(
        "--front-door: expected host:port or redis://[user:password@]host:port[/db]");
  }

  private static void putUnlessEmpty(Map<String, String> flags, String key, String value) {
    if (!value.isEmpty()) {
      flags.put(NAME + key, value);
    }
  }
}
