package io.spillway.node.recorder;

import io.spillway.core.time.TimeSource;
import java.time.Duration;

/** When a recorder flushes its file, and the one timer that wakes it for that. For its turns. */
final class FlushClock {
  /** How often whole frames go to the file. */
  static final Duration EVERY = Duration.ofSeconds(1);

  /** Flushes fall on multiples of this: one wake-up of the timer's thread serves many recorders. */
  private static final Duration GRID = Duration.ofMillis(100);

  private final TimeSource time;
  private long dueNanos;
  private long timerNanos = -1;

  FlushClock(TimeSource time) {
    this.time = time;
    restart();
  }

  /** The next is at most {@link #EVERY} from now, so that no more than that is lost by a kill. */
  void restart() {
    long latest = time.nanos() + EVERY.toNanos();
    dueNanos = latest - Math.floorMod(latest, GRID.toNanos());
  }

  boolean isDue(long nowNanos) {
    return nowNanos >= dueNanos;
  }

  /** One timer at a time: turns between two flushes find it set. */
  void wakeWhenDue(Runnable wake) {
    if (timerNanos != dueNanos) {
      timerNanos = dueNanos;
      var _ = time.after(Duration.ofNanos(dueNanos - time.nanos()), wake);
    }
  }
}
