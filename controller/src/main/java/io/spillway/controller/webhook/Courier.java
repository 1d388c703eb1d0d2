package io.spillway.controller.webhook;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.core.bounded.Backoff;
import io.spillway.core.time.TimeSource;
import io.spillway.store.StoreException;
import io.spillway.store.outbox.Backlog;
import io.spillway.store.outbox.Delivery;
import io.spillway.store.outbox.Outbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what the outbox holds to its addresses.
 *
 * <p>It works in rounds: one looks what is due, gives each address as many as its {@link Lane} has
 * room for (each on a virtual thread of its own), and sets the timer for the next. A round follows
 * each stored event and each answer, and otherwise comes once a second. Rounds keep a distance of
 * ten times what the last one took, so that a long backlog never makes the store busy.
 *
 * <p>An outcome is stored before the next event of the same egress is looked for. If that fails,
 * the sender keeps trying to store it: a webhook that was taken is sent again only after this
 * process has died or lost its duty in between. So each is delivered at least once, in order, and a
 * repeated one has the same id.
 *
 * <p>Rounds run one at a time; what they and the senders share is guarded by this object's lock,
 * which is never held while anything blocks. That is why they stand in one file, though it is a
 * long one: whether a delivery can be begun twice is decided by all of them together.
 */
final class Courier implements AutoCloseable {
  static final Backoff RETRIES = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));
  static final Duration ROUND_AT_LEAST_EVERY = Duration.ofSeconds(1);
  private static final Duration ROUND_AT_MOST_EVERY = Duration.ofMillis(10);
  private static final Duration STORE_AGAIN_AFTER = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

  private final Outbox outbox;
  private final Poster poster;
  private final Duty duty;
  private final WebhookSettings settings;
  private final TimeSource time;
  private final RandomGenerator random;
  private final Executor executor;
  private final Function<String, Backoff> probes;
  private final CourierMetrics metrics;
  private final CountDownLatch closing = new CountDownLatch(1);

  private final Map<String, Lane> lanes = new HashMap<>();
  private TimeSource.Timer timer = () -> {};
  private boolean armed;
  private long roundAtNanos;
  private long notBeforeNanos;
  private boolean inRound;
  private boolean again;

  /** What a round reads may be older than the end of one of these: they aren't begun in it. */
  private final Set<Delivery.Key> endedInRound = new HashSet<>();

  private int underWay;
  private boolean closed;

  /**
   * Sends nothing before {@link #start}.
   *
   * @param probes tells of an address how often it is asked while it doesn't answer
   */
  Courier(
      Outbox outbox,
      Poster poster,
      Duty duty,
      WebhookSettings settings,
      TimeSource time,
      RandomGenerator random,
      Executor executor,
      PrometheusRegistry metrics,
      Function<String, Backoff> probes) {
    this.probes = probes;
    this.outbox = outbox;
    this.poster = poster;
    this.duty = duty;
    this.settings = settings;
    this.time = time;
    this.random = random;
    this.executor = executor;
    this.metrics = new CourierMetrics(metrics);
    this.notBeforeNanos = time.nanos();
  }

  void start() {
    roundIn(Duration.ZERO);
  }

  /** There may be something new. Doesn't block. */
  void wake() {
    roundIn(Duration.ZERO);
  }

  private synchronized void roundIn(Duration delay) {
    if (closed) {
      return;
    }
    long at = time.nanos() + delay.toNanos();
    if (at - notBeforeNanos < 0) {
      at = notBeforeNanos;
    }
    if (armed && roundAtNanos - at <= 0) {
      return; // one comes as early
    }
    timer.cancel();
    armed = true;
    roundAtNanos = at;
    Duration wait = Duration.ofNanos(Math.max(0, at - time.nanos()));
    timer = time.after(wait, () -> executor.execute(this::round));
  }

  private void round() {
    long began = time.nanos();
    synchronized (this) {
      armed = false;
      if (closed || inRound) {
        again = inRound; // what it is for may have come too late for the running one
        return;
      }
      inRound = true;
      again = false;
      endedInRound.clear();
    }
    Duration next = ROUND_AT_LEAST_EVERY;
    try {
      next = carry();
    } catch (StoreException unreachable) {
      LOG.atWarn().setCause(unreachable).log("webhooks wait for the store");
    } catch (RuntimeException defect) {
      LOG.atError().setCause(defect).log("defect in a round of the webhook courier");
    } finally {
      long took = time.nanos() - began;
      synchronized (this) {
        inRound = false;
        long pause = Math.max(ROUND_AT_MOST_EVERY.toNanos(), 10 * took);
        notBeforeNanos = time.nanos() + Math.min(pause, ROUND_AT_LEAST_EVERY.toNanos());
        next = again ? Duration.ZERO : next;
        notifyAll();
      }
      roundIn(next);
    }
  }

  /** How long until there is something to do, as far as is known. */
  private Duration carry() {
    if (!duty.check()) {
      metrics.waiting.set(0);
      metrics.lagNanos.set(0);
      return ROUND_AT_LEAST_EVERY;
    }
    List<Backlog> backlog = new ArrayList<>(outbox.backlog());
    long now = time.unixNanos();
    observe(backlog, now);
    Collections.shuffle(backlog, random); // when slots are short, no address is always the last
    long next = now + ROUND_AT_LEAST_EVERY.toNanos();
    for (Backlog address : backlog) {
      if (address.nextAtNanos() <= now) {
        fill(address.url(), now);
      } else {
        next = Math.min(next, address.nextAtNanos());
      }
    }
    return Duration.ofNanos(next - now);
  }

  private void observe(List<Backlog> backlog, long now) {
    long oldest = backlog.stream().mapToLong(Backlog::sinceNanos).min().orElse(now);
    metrics.waiting.set(backlog.stream().mapToLong(Backlog::waiting).sum());
    metrics.lagNanos.set(Math.max(0, now - oldest));
    synchronized (this) {
      lanes
          .entrySet()
          .removeIf(lane ->
              lane.getValue().underWay() == 0
                  && backlog.stream().noneMatch(some -> some.url().equals(lane.getKey())));
    }
  }

  private void fill(String url, long now) {
    int room;
    int more;
    synchronized (this) {
      Lane lane = lane(url);
      room = Math.min(lane.room(time.nanos()), settings.inFlight() - underWay);
      more = lane.underWay(); // due still, but on their way
    }
    if (room <= 0) {
      return;
    }
    for (Delivery delivery : outbox.due(url, now, room + more)) {
      if (room > 0 && begin(delivery)) {
        room--;
        executor.execute(() -> deliver(delivery));
      }
    }
  }

  private synchronized boolean begin(Delivery delivery) {
    boolean begun =
        !closed && !endedInRound.contains(delivery.key()) && lane(delivery).begin(delivery.key());
    if (begun) {
      underWay++;
      metrics.underWay.set(underWay);
    }
    return begun;
  }

  private Lane lane(Delivery delivery) {
    return lane(delivery.target().url());
  }

  private Lane lane(String url) {
    return lanes.computeIfAbsent(url, any -> new Lane(settings.inFlightEach(), probes.apply(url)));
  }

  private void deliver(Delivery delivery) {
    Settling settling = Settling.DROPPED;
    try {
      Answer answer = post(delivery);
      if (closing.getCount() > 0 || answer instanceof Answer.Taken) {
        metrics.count(answer);
        settling = settle(delivery, answer);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      end(delivery, settling);
    }
  }

  /** A defect counts as a failed attempt: else its event would be the first in line for ever. */
  private Answer post(Delivery delivery) throws InterruptedException {
    try {
      return poster.post(delivery);
    } catch (RuntimeException defect) {
      LOG.atError()
          .addKeyValue("event", delivery.event().id())
          .setCause(defect)
          .log("defect while sending a webhook");
      return new Answer.Silent("not sent: internal error, see the log");
    }
  }

  /** How a delivery left its lane. */
  private enum Settling {
    TAKEN,
    FAILED,
    DROPPED
  }

  private Settling settle(Delivery delivery, Answer answer) throws InterruptedException {
    return switch (answer) {
      case Answer.Taken _ ->
          stored(() -> outbox.delivered(delivery.key())) ? Settling.TAKEN : Settling.DROPPED;
      case Answer.Refused refused ->
          failed(delivery, "status " + refused.status() + suffix(refused.text()));
      case Answer.Silent silent -> failed(delivery, silent.why());
    };
  }

  private static String suffix(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.isEmpty() ? "" : ": " + line.substring(0, Math.min(line.length(), 200));
  }

  private Settling failed(Delivery delivery, String why) throws InterruptedException {
    long next = time.unixNanos() + RETRIES.after(delivery.attempts() + 1, random).toNanos();
    boolean last = next >= delivery.expiresAtNanos();
    LOG.atWarn()
        .addKeyValue("event", delivery.event().id())
        .addKeyValue("egress", delivery.event().info().getEgressId())
        .addKeyValue("attempt", delivery.attempts() + 1)
        .addKeyValue("reason", why)
        .log(last ? "webhook given up" : "webhook not taken, tried again");
    if (!stored(() -> outbox.failed(delivery.key(), why, next))) {
      return Settling.DROPPED;
    }
    if (last) {
      metrics.countGivenUp();
    }
    return Settling.FAILED;
  }

  /** Stores an outcome, however long the store is away; false only at the end of the process. */
  private boolean stored(Runnable write) throws InterruptedException {
    while (true) {
      try {
        write.run();
        return true;
      } catch (StoreException unreachable) {
        LOG.atWarn().setCause(unreachable).log("outcome of a webhook not stored, tried again");
        if (closing.await(STORE_AGAIN_AFTER.toNanos(), TimeUnit.NANOSECONDS)) {
          return false;
        }
      }
    }
  }

  private void end(Delivery delivery, Settling settling) {
    boolean recovered = false;
    synchronized (this) {
      Lane lane = lane(delivery);
      switch (settling) {
        case TAKEN -> recovered = lane.taken(delivery.key());
        case FAILED -> lane.failed(delivery.key(), time.nanos(), random);
        case DROPPED -> lane.dropped(delivery.key());
      }
      if (inRound) {
        endedInRound.add(delivery.key());
      }
      underWay--;
      metrics.underWay.set(underWay);
      notifyAll();
    }
    if (recovered) {
      hurry(delivery.target().url());
    }
    wake();
  }

  private void hurry(String url) {
    try {
      outbox.hurry(url, time.unixNanos());
    } catch (StoreException unreachable) {
      LOG.atWarn()
          .setCause(unreachable)
          .log("webhooks of an address that is back keep their times");
    }
  }

  /** Begins no further delivery, lets those under way end for a while, and leaves the duty. */
  void close(Duration wait) {
    long deadline = time.nanos() + wait.toNanos();
    synchronized (this) {
      closed = true;
      timer.cancel();
      try {
        for (long left = wait.toNanos();
            (underWay > 0 || inRound) && left > 0;
            left = deadline - time.nanos()) {
          TimeUnit.NANOSECONDS.timedWait(this, left);
        }
      } catch (InterruptedException hurried) {
        Thread.currentThread().interrupt();
      }
    }
    closing.countDown();
    try {
      duty.release();
    } catch (StoreException unreachable) {
      LOG.atWarn().setCause(unreachable).log("the duty to deliver webhooks ends by its time");
    }
  }

  @Override
  public void close() {
    close(Duration.ofSeconds(3));
  }
}
