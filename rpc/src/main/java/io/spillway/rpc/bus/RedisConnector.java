package io.spillway.rpc.bus;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Makes links from settings. A link that breaks is never mended by Lettuce (no reconnect, no replay
 * of what was under way): the bus makes another, so that there is one way back and not two.
 *
 * <p>In a Cluster every node passes a PUBLISH on to all others, so one living node carries all
 * messages, as a single server would (Redis Cluster specification, "Pub/Sub"). Only queue locks are
 * keys: they go to the owner of their slot. Each link takes another node than the one before it: a
 * node that is cut off from the others still answers, so it can only be left on suspicion.
 *
 * <p>Not thread-safe: for the bus's watch alone.
 */
final class RedisConnector implements AutoCloseable {
  /**
   * A lock's answer in a Cluster. Elsewhere commands have no time-out of their own: the messages to
   * oneself go the same way and tell within {@link LoopWatch}'s silence.
   */
  private static final Duration LOCK_TIMEOUT = Duration.ofMillis(500);

  private static final Duration TOPOLOGY_REFRESH = Duration.ofSeconds(2);
  private static final Duration TOPOLOGY_REFRESH_IN_TROUBLE = Duration.ofMillis(250);

  /** Nodes tried for one link; the next try goes on with the next. */
  private static final int NODES_TRIED = 3;

  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private final RedisSettings settings;
  private final RedisUris uris;
  private final ClientResources resources;
  private final ClusterNodes nodes;

  /** {@code random} is used here only. */
  RedisConnector(RedisSettings settings, RandomGenerator random) {
    this.settings = settings;
    this.uris = new RedisUris(settings);
    this.nodes = new ClusterNodes(settings.clusterAddresses(), random.nextInt());
    this.resources =
        ClientResources.builder()
            // One thread reads and writes all of a link: what is sent from the reader (a claim, a
            // choice, a lock) is then written at once, without waking another thread.
            .ioThreadPoolSize(1)
            .computationThreadPoolSize(2) // Lettuce's least
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .nettyCustomizer(new FlushTogether())
            .build();
  }

  /** Many callers' messages leave in one write: a flush waits for what is queued behind it. */
  private static final class FlushTogether implements NettyCustomizer {
    @Override
    public void afterChannelInitialized(Channel channel) {
      channel.pipeline().addFirst(new FlushConsolidationHandler(256, true));
    }
  }

  RedisSettings settings() {
    return settings;
  }

  /**
   * A new link; blocks for a few dial time-outs at most.
   *
   * @throws RuntimeException of Lettuce, when there is no Redis
   */
  RedisLink connect(RedisLink.Listener listener) {
    if (!settings.clusterAddresses().isEmpty()) {
      return connectCluster(listener);
    }
    RedisURI uri =
        settings.sentinelAddresses().isEmpty() ? uris.server(settings.address()) : uris.sentinels();
    RedisClient client = client(uri);
    try {
      var commands = client.connect(CODEC);
      return new RedisLink(
          List.of(client), commands, commands.async(), client.connectPubSub(CODEC), listener);
    } catch (RuntimeException failure) {
      discard(List.of(client));
      throw failure;
    }
  }

  private RedisClient client(RedisURI uri) {
    RedisClient client = RedisClient.create(resources, uri);
    client.setOptions(
        uris.into(ClientOptions.builder())
            .autoReconnect(false)
            .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
            .build());
    return client;
  }

  private RedisLink connectCluster(RedisLink.Listener listener) {
    RedisClusterClient cluster = clusterClient();
    List<AbstractRedisClient> clients = new ArrayList<>(List.of(cluster));
    try {
      var locks = cluster.connect(CODEC);
      nodes.learn(cluster.getPartitions());
      for (int left = NODES_TRIED; ; left--) {
        RedisClient node = client(uris.server(nodes.next()));
        clients.add(node);
        try {
          return new RedisLink(
              clients, node.connect(CODEC), locks.async(), node.connectPubSub(CODEC), listener);
        } catch (RuntimeException unreachable) {
          if (left == 1) {
            throw unreachable;
          }
        }
      }
    } catch (RuntimeException failure) {
      discard(clients);
      throw failure;
    }
  }

  /**
   * Its connections to single nodes are made at the first command for their slots and come back by
   * themselves.
   */
  private RedisClusterClient clusterClient() {
    RedisClusterClient cluster =
        RedisClusterClient.create(resources, nodes.known().stream().map(uris::server).toList());
    ClusterClientOptions.Builder options = ClusterClientOptions.builder();
    var _ = uris.into(options);
    cluster.setOptions(
        options
            .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
            .timeoutOptions(TimeoutOptions.enabled(LOCK_TIMEOUT))
            .topologyRefreshOptions(
                ClusterTopologyRefreshOptions.builder()
                    .adaptiveRefreshTriggersTimeout(TOPOLOGY_REFRESH_IN_TROUBLE)
                    .enablePeriodicRefresh(TOPOLOGY_REFRESH)
                    .build())
            .maxRedirects(Math.max(1, settings.maxRedirects()))
            .build());
    return cluster;
  }

  static void discard(List<AbstractRedisClient> clients) {
    for (AbstractRedisClient client : clients) {
      var _ = client.shutdownAsync(0, 0, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void close() {
    var _ = resources.shutdown(0, 0, TimeUnit.MILLISECONDS);
  }
}
