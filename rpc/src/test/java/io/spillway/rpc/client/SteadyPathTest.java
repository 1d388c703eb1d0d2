package io.spillway.rpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import io.spillway.core.time.SystemTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.rpc.bus.RedisServer;
import io.spillway.rpc.bus.RedisSettings;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Callers don't wait for each other: the JVM's own recording of threads that wanted a lock which
 * another one held, over thousands of calls made at once on one client. A lock that every call
 * takes (once per message, for example) is met held by every seventh of them and more.
 */
@Timeout(120)
class SteadyPathTest {
  private static final int CALLERS = 16;
  private static final int CALLS_EACH = 500;
  private static final int CALLS = CALLERS * CALLS_EACH;

  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();

  @Test
  void noCallWaitsForALockThatAnotherOneHolds(@TempDir Path folder) throws Exception {
    try (time;
        RedisServer redis = RedisServer.start();
        RedisBus far = bus(redis);
        RedisBus near = bus(redis);
        PsrpcServer server =
            new PsrpcServer(far, "IOInfo", "S", time, ServerLimits.defaults(), metrics);
        PsrpcClient client =
            new PsrpcClient(near, "IOInfo", time, new Random(), ClientLimits.defaults(), metrics)) {
      var _ = server.serve(EgressServices.UPDATE_EGRESS, "", (_, _) -> Empty.getDefaultInstance());
      callAtOnce(client); // classes are loaded, connections are there
      Path file = folder.resolve("locks.jfr");
      try (Recording recording = new Recording()) {
        recording.enable("jdk.JavaMonitorEnter").withoutThreshold().withStackTrace();
        recording.enable("jdk.ThreadPark").withoutThreshold().withStackTrace();
        recording.start();
        assertThat(callAtOnce(client)).isEqualTo(CALLS);
        waitForALock();
        recording.stop();
        recording.dump(file);
      }
      List<String> waits =
          RecordingFile.readAllEvents(file).stream()
              .filter(SteadyPathTest::isWaitForALock)
              .map(SteadyPathTest::where)
              .filter(where -> where.contains("io.spillway."))
              .toList();
      assertThat(waits)
          .as("the recording sees a wait for a lock")
          .anyMatch(where -> where.startsWith(SteadyPathTest.class.getName()));
      assertThat(waits).as("waits in our own code").hasSizeLessThan(CALLS / 50);
    }
  }

  /** One thread waits for a lock that another holds. */
  private static void waitForALock() throws InterruptedException {
    Object lock = new Object();
    Thread second;
    synchronized (lock) {
      second = Thread.ofPlatform().start(() -> take(lock));
      await().until(() -> second.getState() == Thread.State.BLOCKED);
    }
    second.join();
  }

  private static void take(Object lock) {
    synchronized (lock) {
      lock.notifyAll();
    }
  }

  private RedisBus bus(RedisServer redis) throws InterruptedException {
    RedisBus bus =
        new RedisBus(
            RedisSettings.plain(redis.address()),
            BusLimits.defaults(),
            time,
            new Random(),
            metrics);
    assertThat(bus.awaitConnected(Duration.ofSeconds(10))).isTrue();
    return bus;
  }

  /** How many calls were answered. */
  private static int callAtOnce(PsrpcClient client) throws InterruptedException {
    AtomicInteger answered = new AtomicInteger();
    EgressInfo status = EgressInfo.newBuilder().setEgressId("EG_1").build();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      // Platform threads: the recording knows what they park for.
      callers.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < CALLS_EACH; n++) {
                  Empty _ =
                      client.call(
                          EgressServices.UPDATE_EGRESS,
                          "",
                          status,
                          CallOptions.within(Duration.ofSeconds(20)));
                  answered.incrementAndGet();
                }
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    return answered.get();
  }

  /** Where a thread waited: the first frame that isn't the JDK's. */
  private static String where(RecordedEvent event) {
    RecordedStackTrace stack = event.getStackTrace();
    return stack == null
        ? ""
        : stack.getFrames().stream()
            .map(frame -> frame.getMethod().getType().getName() + ":" + frame.getLineNumber())
            .filter(frame -> !frame.startsWith("java.") && !frame.startsWith("jdk."))
            .findFirst()
            .orElse("");
  }

  /** Not for its answer: that isn't a lock. */
  private static boolean isWaitForALock(RecordedEvent event) {
    if (event.getEventType().getName().equals("jdk.JavaMonitorEnter")) {
      return true;
    }
    RecordedClass parkedFor = event.getClass("parkedClass");
    return parkedFor != null && parkedFor.getName().startsWith(ReentrantLock.class.getName());
  }
}
