package io.spillway.bench.blocked;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.rpc.MessageBus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A bus whose reader thread never comes back from a receiver once this process was told so: what a
 * defect in any receiver would do, and what wedged LiveKit's client in the incident. For some time
 * the readers of new connections stay away, too; what was blocked stays so for ever.
 */
public final class BlockableBus implements MessageBus {
  /** Of the bench: starts a node with such a bus. */
  public static final String COMMAND = "blockable-node";

  private final MessageBus bus;
  private final TimeSource time;
  private volatile Deadline holds;

  /** Around {@code bus}, which it closes. */
  public BlockableBus(MessageBus bus, TimeSource time) {
    this.bus = bus;
    this.time = time;
    this.holds = Deadline.in(time, Duration.ZERO);
    var _ = bus.subscribe(channel(ProcessHandle.current().pid()), false, this::told);
  }

  /**
   * Tells a process with such a bus.
   *
   * @param redis {@code host:port}
   * @param hold how long new readers are blocked as well
   * @throws IllegalStateException when nobody hears it
   */
  public static void block(String redis, long pid, Duration hold) {
    try (RedisClient client = RedisClient.create(RedisURI.create("redis://" + redis));
        StatefulRedisConnection<String, String> connection = client.connect()) {
      if (connection.sync().publish(channel(pid), Long.toString(hold.toMillis())) == 0) {
        throw new IllegalStateException("nobody on " + redis + " hears " + channel(pid));
      }
    }
  }

  private static String channel(long pid) {
    return "spillway-bench|" + pid + "|BLOCK";
  }

  private void told(byte[] millis) {
    long hold = Long.parseLong(new String(millis, StandardCharsets.US_ASCII));
    holds = Deadline.in(time, Duration.ofMillis(hold));
    block();
  }

  private static void block() {
    while (!Thread.interrupted()) {
      LockSupport.park();
    }
  }

  @Override
  public void publish(String channel, byte[] payload) {
    bus.publish(channel, payload);
  }

  @Override
  public Subscription subscribe(String channel, boolean queue, Receiver receiver) {
    return bus.subscribe(
        channel,
        queue,
        payload -> {
          if (!holds.hasPassed()) {
            block();
          }
          receiver.receive(payload);
        });
  }

  @Override
  public void suspect(String reason) {
    bus.suspect(reason);
  }

  @Override
  public Duration sinceProof() {
    return bus.sinceProof();
  }

  @Override
  public long connection() {
    return bus.connection();
  }

  @Override
  public void close() {
    bus.close();
  }
}
