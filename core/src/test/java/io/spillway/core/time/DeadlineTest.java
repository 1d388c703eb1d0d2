package io.spillway.core.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  private final Object monitor = new Object();

  @Test
  void whatIsSoAlreadyIsNotWaitedFor() throws Exception {
    try (SystemTime time = new SystemTime()) {
      assertThat(Deadline.in(time, Duration.ZERO).await(monitor, () -> true)).isTrue();
    }
  }

  @Test
  void whatNeverBecomesSoIsWaitedForUntilTheDeadline() throws Exception {
    try (SystemTime time = new SystemTime()) {
      Deadline deadline = Deadline.in(time, Duration.ofMillis(50));
      assertThat(deadline.await(monitor, () -> false)).isFalse();
      assertThat(deadline.remainingNanos()).isLessThan(1_000_000);
    }
  }

  @Test
  void whoeverMakesItSoWakesTheOneThatWaits() throws Exception {
    try (SystemTime time = new SystemTime()) {
      AtomicBoolean done = new AtomicBoolean();
      CountDownLatch asked = new CountDownLatch(1);
      FutureTask<Boolean> waiting =
          new FutureTask<>(() ->
              Deadline.in(time, Duration.ofMinutes(1))
                  .await(
                      monitor,
                      () -> {
                        asked.countDown();
                        return done.get();
                      }));
      Thread.ofVirtual().start(waiting);
      asked.await();
      synchronized (monitor) {
        done.set(true);
        monitor.notifyAll();
      }
      assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
