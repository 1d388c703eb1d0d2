package io.spillway.core.time;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Where a component gets its time and its timers from. Thread-safe. */
public interface TimeSource {
  /** Monotonic nanoseconds from an arbitrary origin: for ages, deadlines and intervals. */
  long nanos();

  /**
   * Wall clock in nanoseconds since the Unix epoch: for what users and peers see, never for
   * intervals.
   */
  long unixNanos();

  /**
   * Runs {@code task} once after {@code delay}, on a thread of the time source: the task must be
   * short and never block (hand longer work to a thread of your own). A task that throws is logged
   * and dropped.
   */
  Timer after(Duration delay, Runnable task);

  /** Waits so long, on the calling thread; never to be called on a thread of the time source. */
  default void pause(Duration length) throws InterruptedException {
    CountDownLatch over = new CountDownLatch(1);
    Timer timer = after(length, over::countDown);
    try {
      over.await();
    } finally {
      timer.cancel();
    }
  }

  /** A pending task. */
  interface Timer {
    /** Stops the task if it hasn't begun; calling it again changes nothing. */
    void cancel();
  }
}
