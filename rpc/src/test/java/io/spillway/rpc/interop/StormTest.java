package io.spillway.rpc.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.StringValue;
import io.spillway.core.time.SystemTime;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.rpc.bus.RedisServer;
import io.spillway.rpc.bus.RedisSettings;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer that does everything wrong, on a Redis that is cut, paused and restarted meanwhile. */
@Timeout(120)
class StormTest {
  private static final CallOptions A_SECOND = CallOptions.within(Duration.ofSeconds(1));

  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final AtomicInteger good = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger bad = new AtomicInteger();
  private final AtomicInteger late = new AtomicInteger();
  private final AtomicLong longestNanos = new AtomicLong();

  private RedisBus bus(RedisServer redis, RpcMetrics metrics) {
    return new RedisBus(
        RedisSettings.plain(redis.address()), BusLimits.defaults(), time, new Random(), metrics);
  }

  private void call(PsrpcClient client, String text) {
    long begin = time.nanos();
    boolean isLate = text.startsWith("late");
    try {
      StringValue _ = client.call(PeerMethods.QUEUE, "storm", StringValue.of(text), A_SECOND);
      good.incrementAndGet();
    } catch (RpcException failure) {
      (isLate ? late : bad).incrementAndGet();
      if (!isLate) {
        failures.add(failure.getMessage());
      }
    }
    longestNanos.accumulateAndGet(time.nanos() - begin, Math::max);
  }

  /** Calls from eight threads; each tenth is one that the peer answers too late. */
  private List<Thread> callers(PsrpcClient client, int each) {
    List<Thread> threads = new ArrayList<>();
    for (int caller = 0; caller < 8; caller++) {
      String name = "c" + caller + "_";
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int n = 1; n <= each; n++) {
                  call(client, n % 10 == 0 ? "late" + name + n : name + n);
                }
              }));
    }
    return threads;
  }

  @Test
  void everyCallIsAnsweredThroughAStormAndAllAreAfterIt() throws Exception {
    // By default Redis cuts a subscriber for whom 32 MB wait: two large messages at once.
    try (RedisServer redis =
            RedisServer.start("--client-output-buffer-limit", "pubsub 512mb 256mb 60");
        RedisBus far = bus(redis, new RpcMetrics());
        RedisBus near = bus(redis, metrics);
        PsrpcClient client =
            new PsrpcClient(
                near, PeerMethods.SERVICE, time, new Random(), ClientLimits.defaults(), metrics)) {
      assertThat(far.awaitConnected(Duration.ofSeconds(5))).isTrue();
      assertThat(near.awaitConnected(Duration.ofSeconds(5))).isTrue();
      StormPeer peer = new StormPeer(far, time, "storm");
      await().until(() -> far.subscribe("s", false, b -> {}).awaitActive(Duration.ofSeconds(5)));

      for (Thread thread : callers(client, 60)) {
        thread.join();
      }
      assertThat(failures).as("the peer answered all of them in time").isEmpty();
      assertThat(good.get()).isEqualTo(8 * 54);
      assertThat(late.get()).isEqualTo(8 * 6);
      for (DropReason reason :
          List.of(DropReason.REPEATED, DropReason.UNKNOWN, DropReason.MALFORMED)) {
        assertThat(metrics.drops(reason)).as(reason.name()).isGreaterThan(400);
      }

      List<Thread> threads = callers(client, 20);
      disturb(redis);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(Duration.ofNanos(longestNanos.get())).isLessThan(Duration.ofMillis(1_500));

      peer.behave();
      await().atMost(Duration.ofSeconds(2)).until(() -> cleanCall(client));
      int clean = 0;
      for (int i = 0; i < 64; i++) {
        clean += cleanCall(client) ? 1 : 0;
      }
      assertThat(clean).isEqualTo(64);
    } finally {
      time.close();
    }
  }

  private boolean cleanCall(PsrpcClient client) {
    int before = good.get();
    call(client, "clean");
    return good.get() > before;
  }

  /** The pauses are Redis's troubles themselves: nothing is awaited by them. */
  private void disturb(RedisServer redis) throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      String _ = redis.command("CLIENT KILL TYPE pubsub");
      pass(Duration.ofMillis(200));
    }
    redis.freeze();
    pass(Duration.ofSeconds(5));
    redis.thaw();
    pass(Duration.ofMillis(500));
    redis.stop();
    pass(Duration.ofMillis(500));
    redis.startAgain();
  }

  private void pass(Duration span) throws InterruptedException {
    var over = new CountDownLatch(1);
    var _ = time.after(span, over::countDown);
    over.await();
  }
}
