package io.spillway.controller.frontdoor;

import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Waits that end by the clock given. */
final class Pauses {
  private Pauses() {}

  static void pause(TimeSource time, Duration length) throws InterruptedException {
    CountDownLatch over = new CountDownLatch(1);
    TimeSource.Timer timer = time.after(length, over::countDown);
    try {
      over.await();
    } finally {
      timer.cancel();
    }
  }
}
