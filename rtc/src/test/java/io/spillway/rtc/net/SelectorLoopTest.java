package io.spillway.rtc.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.spillway.core.time.SystemTime;
import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SelectorLoopTest {
  private final SystemTime time = new SystemTime();
  private final SelectorLoop loop = new SelectorLoop("loop-under-test", time);

  @AfterEach
  void stop() {
    loop.close();
    time.close();
  }

  @Test
  void tasksRunOnTheLoopInTheOrderTheyCame() throws Exception {
    List<Integer> ran = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch done = new CountDownLatch(1);
    for (int i = 0; i < 5000; i++) {
      int number = i;
      loop.execute(() -> ran.add(loop.onLoop() ? number : -1));
    }
    loop.execute(done::countDown);
    assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).hasSize(5000).isSorted().doesNotContain(-1);
    assertThat(loop.onLoop()).isFalse();
  }

  @Test
  void timersFireInOrderAndNotTooEarlyAndNotOnceTakenBack() throws Exception {
    List<String> ran = Collections.synchronizedList(new ArrayList<>());
    AtomicLong firedNanos = new AtomicLong();
    CountDownLatch done = new CountDownLatch(1);
    long start = time.nanos();
    loop.after(Duration.ofMillis(60), done::countDown);
    loop.after(
        Duration.ofMillis(30),
        () -> {
          firedNanos.set(time.nanos());
          ran.add("second");
        });
    loop.after(Duration.ofMillis(10), () -> ran.add("first"));
    TimeSource.Timer never = loop.after(Duration.ofMillis(20), () -> ran.add("taken back"));
    never.cancel();
    assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).containsExactly("first", "second");
    assertThat(firedNanos.get() - start).isGreaterThanOrEqualTo(30_000_000L);
  }

  @Test
  void aTaskThatThrowsIsCountedAndTheLoopGoesOn() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    loop.execute(() -> {
      throw new IllegalStateException("thrown on purpose by a test");
    });
    loop.execute(done::countDown);
    assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(loop.failures()).isEqualTo(1);
  }

  @Test
  void aClosedLoopTakesNoTask() {
    loop.close();
    assertThatThrownBy(() -> loop.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("loop-under-test");
  }

  @Test
  void oneOwnerThatThrowsHurtsOnlyItself() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch got = new CountDownLatch(1);
    UdpSocket bad =
        open(
            new Recording() {
              @Override
              public void datagram(
                  byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
                throw new IllegalStateException("thrown on purpose by a test");
              }

              @Override
              public void broken(Throwable cause) {
                told.countDown();
              }
            });
    UdpSocket good =
        open(
            new Recording() {
              @Override
              public void datagram(
                  byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
                got.countDown();
              }
            });
    send(bad, 1, 100);
    assertThat(told.await(5, TimeUnit.SECONDS)).isTrue();
    send(good, 1, 100);
    assertThat(got.await(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void readingAPacketAllocatesNothing() throws Exception {
    Recording counting = new Recording();
    UdpSocket socket = open(counting);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long loopThread = counting.threadIdAfter(loop);
    long before = 0;
    for (int round = 0; round < 4; round++) {
      before = threads.getThreadAllocatedBytes(loopThread);
      send(socket, 10_000, 200);
      counting.awaitQuiet();
      counting.reset();
    }
    long perPacket = (threads.getThreadAllocatedBytes(loopThread) - before) / 10_000;
    assertThat(perPacket).as("bytes per packet").isLessThan(24);
  }

  @Test
  void tooLargeADatagramIsCountedAndTheNextOneComes() throws Exception {
    CountDownLatch got = new CountDownLatch(1);
    UdpSocket socket =
        open(
            new Recording() {
              @Override
              public void datagram(
                  byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
                assertThat(length).isEqualTo(SelectorLoop.MAX_DATAGRAM_BYTES);
                got.countDown();
              }
            });
    send(socket, 1, SelectorLoop.MAX_DATAGRAM_BYTES + 1);
    send(socket, 1, SelectorLoop.MAX_DATAGRAM_BYTES);
    assertThat(got.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(socket.oversized()).isEqualTo(1);
  }

  @Test
  void portsComeFromTheRangeUntilNoneIsLeft() throws Exception {
    UdpSocket any = open(new Recording());
    int taken = any.localPort();
    UdpPorts only = new UdpPorts(taken, taken);
    assertThatThrownBy(() -> UdpSocket.open(loop, only, 65_536, new Random(1), new Recording()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(taken + "-" + taken);
  }

  @Test
  void theKernelTellsWhatItDroppedBecauseNobodyRead() throws Exception {
    UdpSocket neverRead =
        UdpSocket.open(loop, UdpPorts.any(), 4096, new Random(1), new Recording());
    try (DatagramSocket sender = new DatagramSocket()) {
      for (int i = 0; i < 500; i++) {
        sender.send(packet(neverRead, 1000));
      }
    }
    assertThat(new KernelDrops().byLocalPort().get(neverRead.localPort())).isGreaterThan(100L);
    loop.execute(neverRead::close);
  }

  @Test
  void aReceiveBufferIsAsLargeAsItWasAskedFor() throws Exception {
    UdpSocket small = UdpSocket.open(loop, UdpPorts.any(), 4096, new Random(1), new Recording());
    UdpSocket large = UdpSocket.open(loop, UdpPorts.any(), 1 << 20, new Random(1), new Recording());
    try (DatagramSocket sender = new DatagramSocket()) {
      for (int i = 0; i < 80; i++) { // below what any kernel grants by default
        sender.send(packet(small, 1000));
        sender.send(packet(large, 1000));
      }
    }
    var drops = new KernelDrops().byLocalPort();
    assertThat(drops.get(small.localPort())).isGreaterThan(40L);
    assertThat(drops.get(large.localPort())).isZero();
    loop.execute(small::close);
    loop.execute(large::close);
  }

  private UdpSocket open(UdpSocket.Handler handler) throws IOException {
    UdpSocket socket = UdpSocket.open(loop, UdpPorts.any(), 1 << 20, new Random(1), handler);
    loop.execute(socket::start);
    return socket;
  }

  private static void send(UdpSocket to, int count, int bytes) throws IOException {
    try (DatagramSocket sender = new DatagramSocket()) {
      for (int i = 0; i < count; i++) {
        sender.send(packet(to, bytes));
        if (i % 100 == 99) {
          Thread.onSpinWait();
        }
      }
    }
  }

  private static DatagramPacket packet(UdpSocket to, int bytes) {
    return new DatagramPacket(
        new byte[bytes], bytes, InetAddress.getLoopbackAddress(), to.localPort());
  }

  private static class Recording implements UdpSocket.Handler {
    private final AtomicLong packets = new AtomicLong();
    private volatile long lastNanos;

    @Override
    public void datagram(
        byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
      packets.incrementAndGet();
      lastNanos = nowNanos;
    }

    @Override
    public void broken(Throwable cause) {
      throw new AssertionError(cause);
    }

    long threadIdAfter(SelectorLoop loop) throws InterruptedException {
      AtomicLong id = new AtomicLong();
      CountDownLatch done = new CountDownLatch(1);
      loop.execute(() -> {
        id.set(Thread.currentThread().threadId());
        done.countDown();
      });
      assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
      return id.get();
    }

    /**
     * Waits until no packet has come for 50 ms (some may be lost: the kernel's buffer is small).
     */
    void awaitQuiet() {
      while (packets.get() == 0 || System.nanoTime() - lastNanos < 50_000_000) {
        Thread.onSpinWait();
      }
    }

    void reset() {
      packets.set(0);
    }
  }
}
