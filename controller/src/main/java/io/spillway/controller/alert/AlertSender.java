package io.spillway.controller.alert;

import io.spillway.core.alert.AlertKind;
import io.spillway.core.alert.Severity;
import io.spillway.core.alert.Standing;
import io.spillway.core.bounded.Backoff;
import io.spillway.core.bounded.Mailbox;
import io.spillway.core.bounded.Mailbox.Overflow;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one receiver informed, on a thread of its own. It doesn't queue messages: it compares what
 * stands with what the receiver was last told, and tells the difference until that succeeds. So a
 * receiver that is away for an hour gets one message with the state of then, and memory stays
 * bounded by the number of alerts.
 */
final class AlertSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AlertSender.class);
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(6);

  private final String name;
  private final Receiver receiver;
  private final Duration repeat;
  private final TimeSource time;
  private final RandomGenerator random;
  private final Mailbox<List<Standing>> latest = Mailbox.bounded(1, Overflow.DROP_OLDEST);
  private final Mailbox<Boolean> end = Mailbox.bounded(1, Overflow.DROP_NEWEST);
  private final Thread thread;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final Map<Identity, Standing> told = new LinkedHashMap<>();
  private volatile boolean closed;

  /**
   * Begins when started.
   *
   * @param name for the log
   * @param repeat how often all that fires is told again; zero: only changes are told
   */
  AlertSender(
      String name, Receiver receiver, Duration repeat, TimeSource time, RandomGenerator random) {
    this.name = name;
    this.receiver = receiver;
    this.repeat = repeat;
    this.time = time;
    this.random = random;
    this.thread = Thread.ofVirtual().name("alerts-" + name).unstarted(this::run);
  }

  /** Sends one message; blocks for some seconds at most. */
  @FunctionalInterface
  interface Receiver {
    /** Whether the receiver took it; the text says why not, empty when it did. */
    String send(List<Standing> firing, List<Standing> over) throws InterruptedException;
  }

  /** What a receiver takes for one alert: a changed severity is another one. */
  private record Identity(AlertKind kind, String subject, Severity severity) {
    static Identity of(Standing standing) {
      return new Identity(
          standing.finding().kind(), standing.finding().subject(), standing.finding().severity());
    }
  }

  void start() {
    thread.start();
  }

  /** All that stands now; never blocks. */
  void offer(List<Standing> standing) {
    var _ = latest.offer(List.copyOf(standing));
  }

  /** Messages that were taken. */
  long sent() {
    return sent.get();
  }

  /** Tries that failed. */
  long failures() {
    return failures.get();
  }

  private void run() {
    Map<Identity, Standing> wanted = Map.of();
    int failed = 0;
    long lastTold = time.nanos();
    try {
      while (!closed) {
        if (failed > 0) {
          var _ = end.take(Deadline.in(time, BACKOFF.after(failed, random))); // nothing but the end
        }
        wanted = latest.take(Deadline.in(time, IDLE)).map(AlertSender::index).orElse(wanted);
        boolean again =
            repeat.isPositive() && !wanted.isEmpty() && time.nanos() - lastTold >= repeat.toNanos();
        if (!again && wanted.keySet().equals(told.keySet())) {
          failed = 0; // nothing is left to be told
        } else if (closed || tell(wanted, again)) {
          failed = 0;
          lastTold = time.nanos();
        } else {
          failed++;
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static Map<Identity, Standing> index(List<Standing> standing) {
    Map<Identity, Standing> byIdentity = new LinkedHashMap<>();
    standing.forEach(one -> byIdentity.put(Identity.of(one), one));
    return byIdentity;
  }

  private boolean tell(Map<Identity, Standing> wanted, boolean again) throws InterruptedException {
    List<Standing> firing = new ArrayList<>();
    wanted.forEach((identity, standing) -> {
      if (repeat.isPositive() || again || !told.containsKey(identity)) {
        firing.add(standing);
      }
    });
    List<Standing> over = new ArrayList<>();
    told.forEach((identity, standing) -> {
      if (!wanted.containsKey(identity)) {
        over.add(standing);
      }
    });
    String problem = receiver.send(firing, over);
    if (!problem.isEmpty()) {
      if (failures.getAndIncrement() == 0 || failures.get() % 20 == 0) {
        LOG.atWarn()
            .addKeyValue("receiver", name)
            .addKeyValue("why", problem)
            .addKeyValue("failures", failures.get())
            .log("alerts could not be sent, trying on");
      }
      return false;
    }
    sent.incrementAndGet();
    told.clear();
    told.putAll(wanted);
    return true;
  }

  /** Ends it; a message under way has some seconds. */
  @Override
  public void close() {
    closed = true;
    latest.close();
    end.close();
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WAIT)) {
        thread.interrupt();
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }
}
