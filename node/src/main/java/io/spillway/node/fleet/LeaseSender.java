package io.spillway.node.fleet;

import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.time.TimeSource;
import io.spillway.node.fleet.LeaseTarget.LeaseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
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

  /** Sends the first lease to each controller at once. */
  public void start() {
    ways.forEach(Way::send);
  }

  /**
   * Tells every controller once more how the node stands, and nothing after that: a node that
   * leaves in order, with nothing left to record, is no loss that anybody has to be called for.
   * Waits at most for {@code wait}.
   */
  public void leave(Duration wait) throws InterruptedException {
    closed = true;
    CountDownLatch told = new CountDownLatch(ways.size());
    for (Way way : ways) {
      way.timer.get().cancel();
      executor.execute(() -> {
        try {
          way.lastWord();
        } finally {
          told.countDown();
        }
      });
    }
    if (!told.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
      LOG.atInfo().addKeyValue("controllers", told.getCount()).log("a last lease was not taken");
    }
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

    void lastWord() {
      try {
        var _ = controller.renew(lease.apply(number.incrementAndGet()));
      } catch (LeaseException | IllegalStateException refused) {
        tell(false, String.valueOf(refused.getMessage()));
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
      }
    }

    private void tell(boolean nowTaken, String why) {
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
