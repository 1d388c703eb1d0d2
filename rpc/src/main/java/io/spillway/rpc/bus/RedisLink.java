package io.spillway.rpc.bus;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.Collection;
import java.util.concurrent.CompletionStage;

/**
 * One connection for commands and one for subscriptions, to the same server, made together and
 * thrown away together. In a Cluster queue locks go another way ({@link ClusterLocks}). Nothing
 * here waits: commands are pipelined, in the order given.
 */
final class RedisLink implements RedisSender.Link {
  private static final byte[] LOCKED = {'1'};
  private static final long LOCK_SECONDS = 5;

  private final String server;
  private final Runnable cut;
  private final StatefulRedisConnection<String, byte[]> commands;
  private final Locks locks;
  private final StatefulRedisPubSubConnection<String, byte[]> subscriptions;
  private volatile boolean ended;

  /** How queue locks are asked for. */
  @FunctionalInterface
  interface Locks {
    CompletionStage<Boolean> lock(String key);
  }

  /** Hears a link; on its event loops, so it must not block. */
  interface Listener {
    void message(String channel, byte[] payload);

    void subscribed(RedisLink link, String channel);

    void broken(RedisLink link);
  }

  /** {@code cut} ends its connections and threads; it returns at once. */
  RedisLink(
      String server,
      Runnable cut,
      StatefulRedisConnection<String, byte[]> commands,
      Locks locks,
      StatefulRedisPubSubConnection<String, byte[]> subscriptions,
      Listener listener) {
    this.server = server;
    this.cut = cut;
    this.commands = commands;
    this.locks = locks;
    this.subscriptions = subscriptions;
    subscriptions.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String channel, byte[] payload) {
            listener.message(channel, payload);
          }

          @Override
          public void subscribed(String channel, long count) {
            listener.subscribed(RedisLink.this, channel);
          }
        });
    RedisConnectionStateListener ends =
        new RedisConnectionStateListener() {
          @Override
          public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
            end(listener);
          }
        };
    commands.addListener(ends);
    subscriptions.addListener(ends);
  }

  private void end(Listener listener) {
    if (!ended) {
      ended = true;
      listener.broken(this);
    }
  }

  /** Where it goes, for people. */
  String server() {
    return server;
  }

  @Override
  public boolean isOpen() {
    return !ended && commands.isOpen() && subscriptions.isOpen();
  }

  @Override
  public CompletionStage<Long> publish(String channel, byte[] payload) {
    return commands.async().publish(channel, payload);
  }

  /** psrpc's queue lock (livekit/psrpc internal/bus/bus_redis.go): true for the first who asks. */
  CompletionStage<Boolean> lock(String key) {
    return locks.lock(key);
  }

  /** The command of it, after {@code ASKING} where a Cluster's slot is on the move. */
  static CompletionStage<Boolean> setNx(
      StatefulRedisConnection<String, byte[]> connection, String key, boolean asking) {
    synchronized (connection) { // ASKING holds for the next command only
      if (asking) {
        var _ = connection.async().asking();
      }
      return connection
          .async()
          .set(key, LOCKED, SetArgs.Builder.nx().ex(LOCK_SECONDS))
          .thenApply("OK"::equals);
    }
  }

  void subscribe(Collection<String> channels) {
    if (!channels.isEmpty()) {
      var _ = subscriptions.async().subscribe(channels.toArray(String[]::new));
    }
  }

  void unsubscribe(String channel) {
    var _ = subscriptions.async().unsubscribe(channel);
  }

  /** Cuts the connections without a word; what is under way fails. */
  void discard() {
    ended = true;
    cut.run();
  }
}
