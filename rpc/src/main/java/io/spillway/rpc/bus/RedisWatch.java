package io.spillway.rpc.bus;

import io.spillway.core.bounded.Backoff;
import io.spillway.core.bounded.Mailbox;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a Redis bus that may wait: it proves the link twice a second and has it made
 * anew when it is gone, deaf or suspected.
 */
final class RedisWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisWatch.class);
  private static final Duration PROOF_INTERVAL = Duration.ofMillis(500);
  private static final Duration CALM = Duration.ofSeconds(30);
  private static final Backoff RECONNECT =
      new Backoff(Duration.ofMillis(50), Duration.ofMillis(500));
  private static final Backoff SUSPICION =
      new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10));

  private final Bus bus;
  private final TimeSource time;
  private final RandomGenerator random;
  private final Mailbox<String> suspicions =
      Mailbox.bounded(4, Mailbox.Overflow.DROP_NEWEST); // one is enough to wake the watch
  private final Thread thread;
  private volatile LoopWatch loop = LoopWatch.fresh();
  private volatile long provenAtNanos;
  private volatile boolean closed;
  private int failures;
  private int suspected;
  private long suspectAgainNanos;
  private long proveAgainNanos;

  /** What the watch looks at and orders. */
  interface Bus {
    /** Whether there is a link that is not known to be broken. */
    boolean isLinked();

    /** Sends the message to oneself. */
    void sendProof();

    /** Makes a new link in place of any other; false when there is no Redis. */
    boolean relink(String reason, boolean firstTry) throws InterruptedException;

    /** Asks once more for channels whose subscription was never confirmed. */
    void subscribeMissing();

    /** Does small work that has to be done now and then. */
    void tidy();
  }

  RedisWatch(Bus bus, TimeSource time, RandomGenerator random) {
    this.bus = bus;
    this.time = time;
    this.random = random;
    long now = time.nanos();
    this.provenAtNanos = now;
    this.suspectAgainNanos = now;
    this.proveAgainNanos = now;
    this.thread = Thread.ofPlatform().name("redis-watch").daemon(true).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Something looks wrong; the watch decides. Returns at once. */
  void suspect(String reason) {
    boolean _ = suspicions.offer(reason);
  }

  /** The message to oneself came back. */
  void heard() {
    loop = loop.heard();
    provenAtNanos = time.nanos();
  }

  Duration sinceProof() {
    return Duration.ofNanos(time.nanos() - provenAtNanos);
  }

  @Override
  public void close() {
    closed = true;
    suspicions.close();
    thread.interrupt();
  }

  private void run() {
    Duration wait = Duration.ZERO;
    while (!closed) {
      try {
        String suspicion = suspicions.take(Deadline.in(time, wait)).orElse("");
        if (!closed) {
          bus.tidy();
          wait = step(suspicion);
        }
      } catch (InterruptedException interrupted) {
        return; // only close() interrupts
      } catch (RuntimeException | Error failure) { // out of memory too: nobody else mends the bus
        log.atError().setCause(failure).log("the Redis watch failed and goes on");
        wait = PROOF_INTERVAL;
      }
    }
  }

  /** One look; returns how long to wait for the next, unless something is suspected before. */
  private Duration step(String suspicion) throws InterruptedException {
    if (!bus.isLinked()) {
      return relink("no connection");
    }
    if (loop.isDeaf()) {
      return relink("four messages to itself did not come back");
    }
    long now = time.nanos();
    if (!suspicion.isEmpty() && now >= suspectAgainNanos) {
      suspected = now - suspectAgainNanos > CALM.toNanos() ? 1 : suspected + 1;
      suspectAgainNanos = now + SUSPICION.after(suspected, random).toNanos();
      return relink(suspicion);
    }
    if (now >= proveAgainNanos) {
      proveAgainNanos = now + PROOF_INTERVAL.toNanos();
      loop = loop.sent();
      bus.sendProof();
      bus.subscribeMissing();
    }
    return Duration.ofNanos(Math.max(0, proveAgainNanos - time.nanos()));
  }

  private Duration relink(String reason) throws InterruptedException {
    boolean made = bus.relink(reason, failures == 0);
    failures = made ? 0 : failures + 1;
    if (made) {
      loop = LoopWatch.fresh();
      proveAgainNanos = time.nanos();
      // A link that breaks at once, or refuses what waits for it, must not be replaced in a rush.
      return bus.isLinked() ? Duration.ZERO : RECONNECT.after(1, random);
    }
    return RECONNECT.after(failures, random);
  }
}
