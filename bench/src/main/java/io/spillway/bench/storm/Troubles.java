package io.spillway.bench.storm;

import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * When Redis or its connections were in trouble, so that it can be said of an answer whether it was
 * given over a connection that lived. Thread-safe.
 */
final class Troubles {
  /** An answer has reached its client long before this. */
  static final Duration DELIVERED = Duration.ofMillis(100);

  private final TimeSource time;
  private final List<Span> spans = new CopyOnWriteArrayList<>();

  private record Span(long fromNanos, long untilNanos) {}

  /** A trouble that is made. */
  interface Making {
    void run() throws InterruptedException;
  }

  Troubles(TimeSource time) {
    this.time = time;
  }

  /** Makes it and takes note of when. */
  void make(Making trouble) throws InterruptedException {
    long from = time.nanos();
    trouble.run();
    spans.add(new Span(from, time.nanos()));
  }

  /** From now on, for so long. */
  void lasting(Duration duration) {
    long from = time.nanos();
    spans.add(new Span(from, from + duration.toNanos()));
  }

  /** Whether nothing happened from a message's sending until its receiver had it for sure. */
  boolean spared(long sentAtNanos, long repliedAtNanos) {
    long untilNanos = repliedAtNanos + DELIVERED.toNanos();
    return spans.stream()
        .noneMatch(span -> span.fromNanos <= untilNanos && sentAtNanos <= span.untilNanos);
  }
}
