package io.spillway.rpc.bus;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Makes links from settings. A link that breaks is never mended by Lettuce (no reconnect, no replay
 * of what was under way): the bus makes another, so that there is one way back and not two.
 *
 * <p>Each link has threads of its own, so that a new one works though a thread of the old one never
 * comes back: a receiver may have blocked it for ever. That thread is left behind with its link.
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

  /** Nodes tried for one link; the next try goes on with the next. */
  private static final int NODES_TRIED = 3;

  static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private final RedisSettings settings;
  private final RedisUris uris;
  private final TimeSource time;

  /** Threads that no link has had yet: what a failed try made is for the next one. */
  private volatile Optional<ClientResources> unused = Optional.empty();

  private volatile boolean closed;
  private volatile List<String> nodes = List.of();
  private int turn;

  RedisConnector(RedisSettings settings, TimeSource time, RandomGenerator random) {
    this.settings = settings;
    this.uris = new RedisUris(settings);
    this.time = time;
    this.turn = random.nextInt(); // so that not all buses meet at the first node
  }

  private static ClientResources threads() {
    return ClientResources.builder()
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
    if (closed) {
      throw new IllegalStateException("the bus is closed");
    }
    ClientResources threads = unused.orElseGet(RedisConnector::threads);
    unused = Optional.of(threads);
    RedisLink link =
        settings.clusterAddresses().isEmpty()
            ? connectServer(threads, listener)
            : connectCluster(threads, listener);
    unused = Optional.empty();
    return link;
  }

  private RedisLink connectServer(ClientResources threads, RedisLink.Listener listener) {
    RedisURI uri =
        settings.sentinelAddresses().isEmpty() ? uris.server(settings.address()) : uris.sentinels();
    RedisClient client = client(threads, TimeoutOptions.create());
    try {
      var commands = client.connect(CODEC, uri);
      RedisLink.Locks locks = key -> RedisLink.setNx(commands, key, false);
      var subscriptions = client.connectPubSub(CODEC, uri);
      return new RedisLink(
          settings.where(), () -> cut(threads, client), commands, locks, subscriptions, listener);
    } catch (RuntimeException failure) {
      discard(client);
      throw failure;
    }
  }

  private RedisClient client(ClientResources threads, TimeoutOptions timeouts) {
    RedisClient client = RedisClient.create(threads);
    client.setOptions(
        uris.into(ClientOptions.builder())
            .autoReconnect(false)
            .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
            .timeoutOptions(timeouts)
            .build());
    return client;
  }

  private RedisLink connectCluster(ClientResources threads, RedisLink.Listener listener) {
    for (int left = NODES_TRIED; ; left--) {
      try {
        return connectNode(threads, nextNode(), listener);
      } catch (RuntimeException unreachable) {
        if (left == 1) {
          throw unreachable;
        }
      }
    }
  }

  /** Another one each time: those that the Cluster named last, then those of the settings. */
  private String nextNode() {
    Set<String> all = new LinkedHashSet<>(nodes);
    all.addAll(settings.clusterAddresses());
    turn++;
    return List.copyOf(all).get(Math.floorMod(turn, all.size()));
  }

  private RedisLink connectNode(
      ClientResources threads, String address, RedisLink.Listener listener) {
    RedisClient client = client(threads, TimeoutOptions.create());
    RedisClient lockClient = client(threads, TimeoutOptions.enabled(LOCK_TIMEOUT));
    RedisURI uri = uris.server(address);
    try {
      var commands = client.connect(CODEC, uri);
      SlotMap slots = SlotMap.read(commands.sync().clusterSlots(), uri.getHost());
      nodes = slots.nodes();
      ClusterLocks locks =
          new ClusterLocks(
              lockClient, uris, commands, uri.getHost(), slots, news -> nodes = news.nodes(), time);
      var subscriptions = client.connectPubSub(CODEC, uri);
      return new RedisLink(
          address,
          () -> cut(threads, client, lockClient),
          commands,
          locks,
          subscriptions,
          listener);
    } catch (RuntimeException failure) {
      discard(client);
      discard(lockClient);
      throw failure;
    }
  }

  private static void discard(RedisClient client) {
    var _ = client.shutdownAsync(0, 0, TimeUnit.MILLISECONDS);
  }

  private static void cut(ClientResources threads, RedisClient... clients) {
    for (RedisClient client : clients) {
      discard(client);
    }
    end(threads);
  }

  private static void end(ClientResources threads) {
    // The quiet period is for connections that are being closed: their ends are told on these
    // threads.
    var _ = threads.shutdown(100, 1_000, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    closed = true;
    unused.ifPresent(RedisConnector::end);
  }
}
