package io.spillway.rpc.bus;

import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode.NodeFlag;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The nodes of a Cluster that we know of: those of the settings, and those that the Cluster named
 * when we last asked it. Not thread-safe.
 */
final class ClusterNodes {
  private static final Set<NodeFlag> NOT_ALIVE =
      EnumSet.of(NodeFlag.FAIL, NodeFlag.EVENTUAL_FAIL, NodeFlag.HANDSHAKE, NodeFlag.NOADDR);

  private final List<String> configured;
  private List<String> alive;
  private int turn;

  /**
   * @param turn whom to begin with, any number: so that not all buses meet at the first
   */
  ClusterNodes(List<String> configured, int turn) {
    this.configured = List.copyOf(configured);
    this.alive = this.configured;
    this.turn = turn;
  }

  /** All, so that the Cluster is found again although those of the settings are gone. */
  List<String> known() {
    Set<String> all = new LinkedHashSet<>(configured);
    all.addAll(alive);
    return List.copyOf(all);
  }

  /** What the Cluster says of itself takes the place of what it said before. */
  void learn(Collection<RedisClusterNode> nodes) {
    List<String> now = new ArrayList<>();
    for (RedisClusterNode node : nodes) {
      if (node.getFlags().stream().noneMatch(NOT_ALIVE::contains)) {
        now.add(address(node.getUri().getHost(), node.getUri().getPort()));
      }
    }
    if (!now.isEmpty()) {
      alive = List.copyOf(now);
    }
  }

  private static String address(String host, int port) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** Another one each time. */
  String next() {
    turn++;
    return alive.get(Math.floorMod(turn, alive.size()));
  }
}
