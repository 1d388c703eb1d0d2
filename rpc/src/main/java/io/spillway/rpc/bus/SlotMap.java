package io.spillway.rpc.bus;

import io.lettuce.core.cluster.SlotHash;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who owns which slot of a Cluster, and who is in it at all: what {@code CLUSTER SLOTS} answers.
 *
 * @param owners address of each slot's master; empty where the Cluster named none
 * @param nodes addresses of masters and replicas
 */
record SlotMap(List<String> owners, List<String> nodes) {
  /** Copies both. */
  SlotMap {
    owners = List.copyOf(owners);
    nodes = List.copyOf(nodes);
  }

  Optional<String> owner(String key) {
    String owner = owners.get(SlotHash.getSlot(key));
    return owner.isEmpty() ? Optional.empty() : Optional.of(owner);
  }

  /**
   * Reads the answer: ranges of {@code [first slot, last slot, master, replica...]}, a node being
   * {@code [host, port, ...]} (an empty host is the server that was asked). Ranges that are
   * something else are left out.
   */
  static SlotMap read(List<?> answer, String askedHost) {
    String[] owners = new String[SlotHash.SLOT_COUNT];
    Arrays.fill(owners, "");
    Set<String> nodes = new LinkedHashSet<>();
    for (Object range : answer) {
      if (range instanceof List<?> parts
          && parts.size() >= 3
          && parts.get(0) instanceof Long first
          && parts.get(1) instanceof Long last
          && first >= 0
          && last < owners.length) {
        for (Object node : parts.subList(2, parts.size())) {
          address(node, askedHost).ifPresent(nodes::add);
        }
        address(parts.get(2), askedHost)
            .ifPresent(
                master -> Arrays.fill(owners, first.intValue(), last.intValue() + 1, master));
      }
    }
    return new SlotMap(List.of(owners), List.copyOf(nodes));
  }

  private static Optional<String> address(Object node, String askedHost) {
    if (!(node instanceof List<?> parts)
        || parts.size() < 2
        || !(parts.get(1) instanceof Long port)) {
      return Optional.empty();
    }
    String host =
        parts.get(0) instanceof byte[] name ? new String(name, StandardCharsets.UTF_8) : "";
    return Optional.of(join(host.isEmpty() ? askedHost : host, port));
  }

  private static String join(String host, long port) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
