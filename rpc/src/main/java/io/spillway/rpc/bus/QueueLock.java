package io.spillway.rpc.bus;

import io.spillway.rpc.DropReason;
import io.spillway.rpc.RpcMetrics;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * psrpc's queue: of all its subscribers in all processes, the first to set the lock named after the
 * message's hash gets the message (livekit/psrpc internal/bus/bus_redis.go). Asks without waiting;
 * thread-safe.
 */
final class QueueLock {
  /** Megabytes take the digest milliseconds, in which the reader would serve nobody. */
  private static final int HASHED_ON_READER_BYTES = 64 * 1024;

  private final int mostAtOnce;
  private final RpcMetrics metrics;
  private final BiConsumer<RedisLink, Throwable> onFailure;
  private final AtomicInteger asking = new AtomicInteger();

  QueueLock(int mostAtOnce, RpcMetrics metrics, BiConsumer<RedisLink, Throwable> onFailure) {
    this.mostAtOnce = mostAtOnce;
    this.metrics = metrics;
    this.onFailure = onFailure;
  }

  /** Runs {@code won}, on an event loop, if the message is ours. */
  void compete(RedisLink on, byte[] payload, Runnable won) {
    if (asking.incrementAndGet() > mostAtOnce) {
      asking.decrementAndGet();
      metrics.dropped(DropReason.OVERFLOW);
    } else if (payload.length <= HASHED_ON_READER_BYTES) {
      ask(on, payload, won);
    } else {
      Thread.ofVirtual().name("redis-queue-hash").start(() -> ask(on, payload, won));
    }
  }

  private void ask(RedisLink on, byte[] payload, Runnable won) {
    try {
      var _ =
          on.lock(key(payload))
              .whenComplete((first, failure) -> {
                asking.decrementAndGet();
                if (failure != null) {
                  onFailure.accept(on, failure);
                } else if (first) {
                  won.run();
                }
              });
    } catch (RuntimeException refused) {
      asking.decrementAndGet();
      onFailure.accept(on, refused);
    }
  }

  static String key(byte[] payload) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(payload);
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}
