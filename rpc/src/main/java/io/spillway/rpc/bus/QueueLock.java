package io.spillway.rpc.bus;

import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.RpcMetrics;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * psrpc's queue: of all its subscribers in all processes, the first to set the lock named after the
 * message's hash gets the message (livekit/psrpc internal/bus/bus_redis.go). Asks without waiting;
 * thread-safe.
 *
 * <p>Go drops the message when the lock can't be asked for. Here it is asked for again for a
 * second, which is how long callers wait for a claim: that bridges a lost link and the election of
 * a new owner of the key's slot in a Cluster. Should the lock have been set and only its answer be
 * lost, then the second try finds it taken: the message is lost, never handled twice.
 */
final class QueueLock {
  /** Megabytes take the digest milliseconds, in which the reader would serve nobody. */
  private static final int HASHED_ON_READER_BYTES = 64 * 1024;

  private static final Duration TRY_FOR = Duration.ofSeconds(1);
  private static final Duration TRY_EACH = Duration.ofMillis(100);

  private final Supplier<@Nullable RedisLink> link;
  private final BusLimits limits;
  private final TimeSource time;
  private final RpcMetrics metrics;
  private final BiConsumer<RedisLink, Throwable> onGivenUp;
  private final AtomicInteger asking = new AtomicInteger();
  private final AtomicLong askingBytes = new AtomicLong();

  /**
   * @param link that is open now, if any
   * @param limits how many messages, and how many bytes of them, may be asked for at once
   * @param onGivenUp is told the last failure of a message that is given up
   */
  QueueLock(
      Supplier<@Nullable RedisLink> link,
      BusLimits limits,
      TimeSource time,
      RpcMetrics metrics,
      BiConsumer<RedisLink, Throwable> onGivenUp) {
    this.link = link;
    this.limits = limits;
    this.time = time;
    this.metrics = metrics;
    this.onGivenUp = onGivenUp;
  }

  /** A message that is competed for. */
  private record Prize(int bytes, Deadline until, Runnable won) {}

  /** Runs {@code won}, on an event loop, if the message is ours. */
  void compete(byte[] payload, Runnable won) {
    Prize prize = new Prize(payload.length, Deadline.in(time, TRY_FOR), won);
    boolean fits = asking.incrementAndGet() <= limits.messages();
    if (askingBytes.addAndGet(prize.bytes) > limits.bytes() || !fits) {
      ended(prize);
      metrics.dropped(DropReason.OVERFLOW);
    } else if (payload.length <= HASHED_ON_READER_BYTES) {
      ask(key(payload), prize);
    } else {
      Thread.ofVirtual().name("redis-queue-hash").start(() -> ask(key(payload), prize));
    }
  }

  private void ask(String key, Prize prize) {
    RedisLink on = link.get();
    if (on == null) {
      askAgain(key, prize);
      return;
    }
    try {
      var _ =
          on.lock(key)
              .whenComplete((first, failure) -> {
                if (failure != null) {
                  failed(on, failure, key, prize);
                } else {
                  ended(prize);
                  if (first) {
                    prize.won.run();
                  }
                }
              });
    } catch (RuntimeException refused) {
      failed(on, refused, key, prize);
    }
  }

  private void failed(RedisLink on, Throwable why, String key, Prize prize) {
    if (prize.until.hasPassed()) {
      ended(prize);
      onGivenUp.accept(on, why);
    } else {
      askAgain(key, prize);
    }
  }

  private void askAgain(String key, Prize prize) {
    if (prize.until.hasPassed()) {
      ended(prize);
      metrics.dropped(DropReason.EXPIRED);
    } else {
      TimeSource.Timer _ = time.after(TRY_EACH, () -> ask(key, prize));
    }
  }

  private void ended(Prize prize) {
    int _ = asking.decrementAndGet();
    long _ = askingBytes.addAndGet(-prize.bytes);
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
