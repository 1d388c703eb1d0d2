package io.spillway.bench.blocked;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Blocks the reader thread of a node with a {@link BlockableBus} for ever, and of each connection
 * that it makes instead, until it is closed. What was blocked stays so.
 */
public final class Blocker implements AutoCloseable {
  private static final Duration EACH = Duration.ofMillis(100);

  private final TimeSource time;
  private final String channel;
  private final RedisClient client;
  private final StatefulRedisConnection<String, String> connection;
  private final AtomicReference<TimeSource.Timer> next = new AtomicReference<>(() -> {});
  private volatile boolean closed;

  /**
   * Begins at once.
   *
   * @param redis {@code host:port}
   * @param pid of the node's process
   * @throws IllegalStateException when it isn't one that can be blocked
   */
  public Blocker(String redis, long pid, TimeSource time) {
    this.time = time;
    this.channel = BlockableBus.channel(pid);
    this.client = RedisClient.create(RedisURI.create("redis://" + redis));
    this.connection = client.connect();
    if (connection.sync().publish(channel, "") == 0) {
      close();
      throw new IllegalStateException("nobody on " + redis + " hears " + channel);
    }
    again();
  }

  private void again() {
    if (!closed) {
      var _ = connection.async().publish(channel, "");
      next.set(time.after(EACH, this::again));
    }
  }

  @Override
  public void close() {
    closed = true;
    next.get().cancel();
    connection.close();
    client.shutdown();
  }
}
