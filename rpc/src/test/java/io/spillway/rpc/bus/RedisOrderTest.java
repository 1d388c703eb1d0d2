package io.spillway.rpc.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.spillway.core.time.SystemTime;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages of a channel keep their order while the connection they leave on is changed. */
@Timeout(90)
class RedisOrderTest {
  private static final int MESSAGE_BYTES = 4_096;
  private static final int RELINKS = 4;

  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final List<AutoCloseable> open = new ArrayList<>();

  private final AtomicLong newest = new AtomicLong(-1);
  private final AtomicLong received = new AtomicLong();
  private final List<String> overtaken = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    time.close();
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  private RedisBus bus(RedisServer redis, RpcMetrics counts) throws Exception {
    BusLimits limits = new BusLimits(2_000, 64 << 20, 1 << 20);
    RedisBus bus =
        closing(
            new RedisBus(RedisSettings.plain(redis.address()), limits, time, new Random(), counts));
    assertThat(bus.awaitConnected(Duration.ofSeconds(10))).isTrue();
    return bus;
  }

  @Test
  void numberedMessagesRiseThroughChangesOfTheConnectionAndNoneIsLost() throws Exception {
    // A reader that falls behind shall not be cut: that would be a loss of another kind.
    RedisServer redis = closing(RedisServer.start("--client-output-buffer-limit", "pubsub 0 0 0"));
    RedisBus reader = bus(redis, new RpcMetrics());
    assertThat(reader.subscribe("numbers", false, this::note).awaitActive(Duration.ofSeconds(5)))
        .isTrue();
    RedisBus writer = bus(redis, metrics);
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong sent = new AtomicLong();
    Thread publisher = Thread.ofPlatform().start(() -> publishUntil(over, writer, sent));
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> {
          writer.suspect("the test says so");
          return metrics.busRebuilds() >= RELINKS;
        });
    over.set(true);
    publisher.join();
    await().atMost(Duration.ofSeconds(20)).until(() -> newest.get() == sent.get() - 1);
    synchronized (overtaken) {
      assertThat(overtaken).isEmpty();
    }
    assertThat(received.get())
        .as("the old connection lived: nothing is lost")
        .isEqualTo(sent.get());
  }

  /** As fast as the bus takes them: its queue is full most of the time. */
  private void publishUntil(AtomicBoolean over, RedisBus writer, AtomicLong sent) {
    while (!over.get()) {
      byte[] message = new byte[MESSAGE_BYTES];
      ByteBuffer.wrap(message).putLong(sent.get());
      try {
        writer.publish("numbers", message);
        sent.incrementAndGet();
      } catch (RpcException full) {
        aMoment();
      }
    }
  }

  private void aMoment() {
    CountDownLatch passed = new CountDownLatch(1);
    var _ = time.after(Duration.ofMillis(1), passed::countDown);
    try {
      boolean _ = passed.await(1, TimeUnit.SECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private void note(byte[] message) {
    long number = ByteBuffer.wrap(message).getLong();
    received.incrementAndGet();
    long before = newest.getAndSet(number);
    if (number <= before) {
      synchronized (overtaken) {
        overtaken.add(number + " after " + before);
      }
    }
  }
}
