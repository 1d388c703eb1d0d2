package io.spillway.rpc.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.spillway.core.time.SystemTime;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RedisWatchTest {
  private final AtomicInteger relinks = new AtomicInteger();

  /** Where each new link is made and of no use. */
  private final class Hopeless implements RedisWatch.Bus {
    @Override
    public boolean isLinked() {
      return false;
    }

    @Override
    public void sendProof() {}

    @Override
    public boolean relink(String reason, boolean firstTry) {
      relinks.incrementAndGet();
      return true;
    }

    @Override
    public void subscribeMissing() {}

    @Override
    public void tidy() {}
  }

  @Test
  void linksThatAreUselessAtOnceAreNotReplacedInARush() {
    try (SystemTime time = new SystemTime();
        RedisWatch watch = new RedisWatch(new Hopeless(), time, new Random(1))) {
      long begin = time.nanos();
      watch.start();
      await().pollInterval(Duration.ofMillis(1)).until(() -> relinks.get() >= 5);
      assertThat(Duration.ofNanos(time.nanos() - begin)).isGreaterThan(Duration.ofMillis(80));
      assertThat(relinks.get()).isLessThan(50);
    }
  }
}
