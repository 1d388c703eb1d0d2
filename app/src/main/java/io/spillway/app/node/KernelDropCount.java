package io.spillway.app.node;

import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Adds up what the kernel drops at full receive buffers, over sockets that come and go: the kernel
 * counts per socket and forgets with it. Sampled every few seconds, so that what a socket drops in
 * its last seconds may be missed. Thread-safe.
 *
 * <p>The kernel's table shows all sockets of the network namespace. With a port range of our own
 * only that range counts; without one, so do the sockets of other programs beside us.
 */
final class KernelDropCount implements AutoCloseable {
  static final Duration EVERY = Duration.ofSeconds(5);

  private final Supplier<Map<Integer, Long>> table;
  private final int portMin;
  private final int portMax;
  private final TimeSource time;
  private final AtomicReference<TimeSource.Timer> timer = new AtomicReference<>(() -> {});
  private Map<Integer, Long> last = Map.of();
  private boolean hasBaseline;
  private long total;
  private volatile boolean closed;

  /**
   * Counts nothing before {@link #start}.
   *
   * @param table drops by local port; may read files
   * @param portMin lowest port that counts, 0: all do
   * @param portMax highest port that counts, 0: all do
   */
  KernelDropCount(Supplier<Map<Integer, Long>> table, int portMin, int portMax, TimeSource time) {
    this.table = table;
    this.portMin = portMin;
    this.portMax = portMax;
    this.time = time;
  }

  /** Takes the first sample in the background and another every few seconds. */
  void start() {
    if (!closed) {
      Thread.ofVirtual().name("kernel-drops").start(this::sample);
      timer.set(time.after(EVERY, this::start));
    }
  }

  /** Compares with the sample before; the first one only tells what was dropped before us. */
  synchronized void sample() {
    Map<Integer, Long> now = new HashMap<>(table.get());
    now.keySet().removeIf(port -> !counts(port));
    if (hasBaseline) {
      now.forEach((port, drops) -> {
        long before = last.getOrDefault(port, 0L);
        total += drops >= before ? drops - before : drops; // fewer: a new socket on an old port
      });
    }
    hasBaseline = true;
    last = now;
  }

  private boolean counts(int port) {
    return port >= portMin && (portMax == 0 || port <= portMax);
  }

  /** Datagrams dropped since the first sample. */
  synchronized long total() {
    return total;
  }

  @Override
  public void close() {
    closed = true;
    timer.get().cancel();
  }
}
