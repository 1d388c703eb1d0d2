package io.spillway.rpc.bus;

import io.spillway.core.time.TimeSource;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a Redis bus sends: pipelined on the present link, or held until the next one is there.
 * Thread-safe; with a link there is no lock.
 */
final class RedisSender {
  /** How long messages wait for a link: the calls behind older ones have mostly given up. */
  private static final Duration HOLD = Duration.ofSeconds(3);

  private final BusLimits limits;
  private final TimeSource time;
  private final RpcMetrics metrics;
  private final BiConsumer<RedisLink, Throwable> onFailure;
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicLong underWayBytes = new AtomicLong();
  private final Object holdLock = new Object();
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private volatile @Nullable RedisLink link;

  RedisSender(
      BusLimits limits,
      TimeSource time,
      RpcMetrics metrics,
      BiConsumer<RedisLink, Throwable> onFailure) {
    this.limits = limits;
    this.time = time;
    this.metrics = metrics;
    this.onFailure = onFailure;
  }

  @SuppressWarnings("ArrayRecordComponent") // carried once through a queue, never compared
  private record Held(String channel, byte[] payload, long atNanos) {}

  /** The link that messages leave on, if it is open. */
  @Nullable RedisLink openLink() {
    RedisLink current = link;
    return current != null && current.isOpen() ? current : null;
  }

  /** The link that messages leave or left on. */
  @Nullable RedisLink lastLink() {
    return link;
  }

  /**
   * Sends or holds a message.
   *
   * @throws RpcException when it is too large or no more fit
   */
  void publish(String channel, byte[] payload) {
    if (payload.length > limits.messageBytes()) {
      metrics.dropped(DropReason.OVERSIZED);
      throw new RpcException(
          RpcCode.INVALID_ARGUMENT,
          "a message of " + payload.length + " bytes is over the bus's " + limits.messageBytes());
    }
    boolean fits = underWay.incrementAndGet() <= limits.messages();
    if (underWayBytes.addAndGet(payload.length) > limits.bytes() || !fits) {
      release(payload.length);
      metrics.dropped(DropReason.OVERFLOW);
      throw new RpcException(RpcCode.UNAVAILABLE, "too many messages wait for Redis");
    }
    RedisLink open = openLink();
    if (open == null || !send(open, channel, payload)) {
      hold(channel, payload);
    }
  }

  private void hold(String channel, byte[] payload) {
    synchronized (holdLock) {
      RedisLink open = openLink(); // it may have come meanwhile: what was held is sent already
      if (open == null || !send(open, channel, payload)) {
        held.add(new Held(channel, payload, time.nanos()));
      }
    }
  }

  /** Whether the link took it; what becomes of it then shows later. */
  private boolean send(RedisLink on, String channel, byte[] payload) {
    try {
      var _ =
          on.publish(channel, payload)
              .whenComplete((receivers, failure) -> {
                release(payload.length);
                if (failure != null) {
                  onFailure.accept(on, failure);
                }
              });
      return true;
    } catch (RuntimeException refused) {
      return false;
    }
  }

  /** Sends what was held and makes {@code fresh} the one to send on: nothing overtakes it. */
  void switchTo(RedisLink fresh) {
    synchronized (holdLock) {
      for (Held message : held) {
        if (isTooOld(message) || !send(fresh, message.channel, message.payload)) {
          drop(message);
        }
      }
      held.clear();
      link = fresh;
    }
  }

  /** Drops what has been held too long. */
  void dropOld() {
    synchronized (holdLock) {
      while (!held.isEmpty() && isTooOld(held.element())) {
        drop(held.remove());
      }
    }
  }

  private void drop(Held message) {
    release(message.payload.length);
    metrics.dropped(DropReason.EXPIRED);
  }

  private boolean isTooOld(Held message) {
    return time.nanos() - message.atNanos > HOLD.toNanos();
  }

  private void release(int bytes) {
    underWay.decrementAndGet();
    underWayBytes.addAndGet(-bytes);
  }
}
