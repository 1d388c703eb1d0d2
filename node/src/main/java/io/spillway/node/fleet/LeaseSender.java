package io.spillway.node.fleet;

import static java.util.stream.Collectors.joining;

import io.spillway.core.fleet.Health;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.time.TimeSource;
import io.spillway.node.fleet.LeaseTarget.LeaseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the node's lease with every controller, each on its own: one that doesn't answer delays no
 * other. A lease that wasn't taken is followed by the next one sooner.
 */
public final class LeaseSender implements AutoCloseable {
  /** How often. */
  public static final Duration EVERY = Duration.ofSeconds(2);

  /** After a lease that was not taken. */
  static final Duration SOONER = Duration.ofMillis(500);

  /** When a controller that hears nothing takes a node for lost, it gets no work. */
  static final Duration UNHEARD_AFTER = Health.Rules.usual().leaseLost();

  private static final Logger LOG = LoggerFactory.getLogger(LeaseSender.class);

  private final LongFunction<Lease> lease;
  private final Consumer<LeaseOrder> orders;
  private final TimeSource time;
  private final Executor executor;
  private final AtomicLong number = new AtomicLong();
  private final List<Way> ways = new ArrayList<>();
  private volatile boolean closed;

  /**
   * Sends nothing before {@link #start}.
   *
   * @param lease the node's lease with this number
   * @param orders told what controllers order; must not block
   * @param executor where a controller may be waited for, a virtual thread each
   */
  public LeaseSender(
      LongFunction<Lease> lease,
      Consumer<LeaseOrder> orders,
      List<? extends LeaseTarget> controllers,
      TimeSource time,
      Executor executor) {
    this.lease = lease;
    this.orders = orders;
    this.time = time;
    this.executor = executor;
    controllers.forEach(controller -> ways.add(new Way(controller)));
  }

  /**
   * Why no controller gives this node work, for people: none has answered a lease yet, or not for
   * {@link #UNHEARD_AFTER}. Empty: one has, or there is none to answer.
   */
  public Optional<String> unheard() {
    if (ways.isEmpty()) {
      return Optional.empty();
    }
    long now = time.nanos();
    long since = Long.MAX_VALUE;
    for (Way way : ways) {
      since = Math.min(since, way.unansweredNanos(now));
    }
    if (since <= UNHEARD_AFTER.toNanos()) {
      return Optional.empty();
    }
    String when =
        since == Long.MAX_VALUE ? "yet" : String.format(Locale.ROOT, "for %.1f s", since / 1e9);
    String why =
        ways.stream()
            .map(way -> way.trouble)
            .filter(trouble -> !trouble.isEmpty())
            .distinct()
            .collect(joining(", "));
    return Optional.of(
        "no controller has answered a lease " + when + (why.isEmpty() ? "" : ": " + why));
  }

  /** Sends the first lease to each controller at once. */
  public void start() {
    ways.forEach(Way::send);
  }

  /**
   * Tells every controller that the node leaves in order, so that nobody looks for it, starts it
   * again or calls people. Returns when they know, or after {@code wait}.
   */
  public void farewell(Duration wait) throws InterruptedException {
    closed = true;
    CountDownLatch told = new CountDownLatch(ways.size());
    for (Way way : ways) {
      executor.execute(() -> {
        way.sayLast();
        told.countDown();
      });
    }
    TimeSource.Timer timer =
        time.after(
            wait,
            () -> {
              while (told.getCount() > 0) {
                told.countDown();
              }
            });
    told.await();
    timer.cancel();
  }

  /** Ends without a last word: that the node is gone shows by itself. */
  @Override
  public void close() {
    closed = true;
    ways.forEach(way -> way.timer.get().cancel());
  }

  /** One controller. At most one lease is on its way to it. */
  private final class Way {
    private final LeaseTarget controller;
    private final AtomicReference<TimeSource.Timer> timer = new AtomicReference<>(() -> {});
    private boolean taken = true;
    private volatile OptionalLong answeredAtNanos = OptionalLong.empty();
    private volatile String trouble = "";

    Way(LeaseTarget controller) {
      this.controller = controller;
    }

    void send() {
      if (!closed) {
        executor.execute(this::sendNow);
      }
    }

    private void sendNow() {
      Duration next = SOONER;
      try {
        controller.renew(lease.apply(number.incrementAndGet())).forEach(orders);
        tell(true, "");
        next = EVERY;
      } catch (LeaseException | IllegalStateException refused) {
        tell(false, String.valueOf(refused.getMessage()));
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException defect) {
        LOG.atError().setCause(defect).log("a lease could not be sent by a defect of ours");
      }
      if (!closed) {
        timer.set(time.after(next, this::send));
      }
    }

    void sayLast() {
      try {
        var _ = controller.renew(lease.apply(number.incrementAndGet()).leaving());
      } catch (LeaseException | IllegalStateException refused) {
        LOG.atDebug().setCause(refused).log("a controller was not told that the node leaves");
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
      }
    }

    /** Since it answered last; {@link Long#MAX_VALUE}: it never has. */
    long unansweredNanos(long nowNanos) {
      OptionalLong last = answeredAtNanos;
      return last.isPresent() ? nowNanos - last.getAsLong() : Long.MAX_VALUE;
    }

    private void tell(boolean nowTaken, String why) {
      trouble = why;
      if (nowTaken) {
        answeredAtNanos = OptionalLong.of(time.nanos());
      }
      if (nowTaken != taken) {
        taken = nowTaken;
        LOG.atWarn()
            .addKeyValue("taken", nowTaken)
            .addKeyValue("reason", why)
            .log("leases to a controller");
      }
    }
  }
}
