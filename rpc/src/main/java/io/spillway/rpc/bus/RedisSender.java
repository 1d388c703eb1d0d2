package io.spillway.rpc.bus;

import io.spillway.core.time.TimeSource;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a Redis bus sends: pipelined on the present link, or held until the next one is there.
 * Thread-safe; with a link there is no lock.
 *
 * <p>Nothing overtakes anything when the link changes: messages are held from then on until Redis
 * has answered those on the old link, and go out on the new one before any later one. An old link
 * that does not answer is waited for {@link #HAND_OVER} at most; what Redis still reads from it
 * afterwards comes late, as it would have on any slow connection. A link that throws once takes no
 * further message, or what comes next would overtake what it threw back.
 *
 * @param <L> links; {@link RedisLink} but in tests
 */
final class RedisSender<L extends RedisSender.Link> {
  /** How long messages wait for a link: the calls behind older ones have mostly given up. */
  private static final Duration HOLD = Duration.ofSeconds(3);

  /** How long messages are held for the answers of a link that goes. */
  private static final Duration HAND_OVER = Duration.ofMillis(500);

  private final BusLimits limits;
  private final TimeSource time;
  private final RpcMetrics metrics;
  private final BiConsumer<L, Throwable> onFailure;
  private final Consumer<Throwable> onRefusal;
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicLong underWayBytes = new AtomicLong();
  private final Object holdLock = new Object();
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private volatile @Nullable Outlet<L> outlet;

  /** What messages leave on. */
  interface Link {
    boolean isOpen();

    CompletionStage<Long> publish(String channel, byte[] payload);
  }

  /**
   * @param onFailure is told of a message that was lost on a link, and why
   * @param onRefusal is told that the present link threw a message back: it needs to be replaced
   */
  RedisSender(
      BusLimits limits,
      TimeSource time,
      RpcMetrics metrics,
      BiConsumer<L, Throwable> onFailure,
      Consumer<Throwable> onRefusal) {
    this.limits = limits;
    this.time = time;
    this.metrics = metrics;
    this.onFailure = onFailure;
    this.onRefusal = onRefusal;
  }

  @SuppressWarnings("ArrayRecordComponent") // carried once through a queue, never compared
  private record Held(String channel, byte[] payload, long atNanos) {}

  /** A link, and how many of its messages Redis has not answered yet. */
  private static final class Outlet<L extends Link> {
    private final L link;
    private final AtomicInteger unanswered = new AtomicInteger();
    private final CountDownLatch quiet = new CountDownLatch(1);
    private volatile boolean retired;
    private volatile boolean refused;

    Outlet(L link) {
      this.link = link;
    }

    void answered() {
      if (unanswered.decrementAndGet() == 0 && retired) {
        quiet.countDown();
      }
    }

    /** Waits until all is answered, or the link is broken, or it takes too long. */
    void retire() throws InterruptedException {
      retired = true;
      if (unanswered.get() > 0 && link.isOpen()) {
        boolean _ = quiet.await(HAND_OVER.toNanos(), TimeUnit.NANOSECONDS);
      }
    }
  }

  /** The link that messages leave on, if it is open. */
  @Nullable L openLink() {
    Outlet<L> open = openOutlet();
    return open == null ? null : open.link;
  }

  private @Nullable Outlet<L> openOutlet() {
    Outlet<L> current = outlet;
    return current != null && !current.refused && current.link.isOpen() ? current : null;
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
    Outlet<L> open = openOutlet();
    if (open == null || !send(open, channel, payload)) {
      hold(channel, payload);
    }
  }

  private void hold(String channel, byte[] payload) {
    synchronized (holdLock) {
      Outlet<L> open = openOutlet(); // it may have come meanwhile: what was held is sent already
      if (open == null || !send(open, channel, payload)) {
        held.add(new Held(channel, payload, time.nanos()));
      }
    }
  }

  /** Whether the link took it; false as well when it is not the one to send on any more. */
  private boolean send(Outlet<L> on, String channel, byte[] payload) {
    int _ = on.unanswered.incrementAndGet();
    // INVARIANT: counted first, looked second, so that a switch either waits for this or stops it.
    if (on != outlet || on.refused) {
      on.answered();
      return false;
    }
    return sendCounted(on, channel, payload);
  }

  /** What becomes of it shows later. */
  private boolean sendCounted(Outlet<L> on, String channel, byte[] payload) {
    try {
      var _ =
          on.link
              .publish(channel, payload)
              .whenComplete((receivers, failure) -> {
                on.answered();
                release(payload.length);
                if (failure != null) {
                  onFailure.accept(on.link, failure);
                }
              });
      return true;
    } catch (RuntimeException refused) {
      on.refused = true;
      on.answered();
      onRefusal.accept(refused);
      return false;
    }
  }

  /**
   * Makes {@code fresh} the link to send on, after the answers on the one before it, which is
   * returned: it is for the caller to throw away. For one thread alone.
   */
  Optional<L> switchTo(L fresh) throws InterruptedException {
    Outlet<L> before = outlet;
    if (before != null) {
      synchronized (holdLock) {
        outlet = null; // from now on messages are held
      }
      before.retire();
    }
    Outlet<L> next = new Outlet<>(fresh);
    synchronized (holdLock) {
      while (!held.isEmpty() && !next.refused) { // what is left then waits for the link after it
        if (isTooOld(held.element())) {
          drop(held.remove());
        } else if (sendHeld(next, held.element())) {
          held.remove();
        }
      }
      outlet = next;
    }
    return Optional.ofNullable(before).map(outlet -> outlet.link);
  }

  private boolean sendHeld(Outlet<L> on, Held message) {
    int _ = on.unanswered.incrementAndGet();
    return sendCounted(on, message.channel, message.payload);
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
