package io.spillway.rtc.net;

import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One platform thread that carries the sockets, timers and tasks of many tracks.
 *
 * <p>A turn: tasks, timers that are due, then the selector. Every socket that is ready gives one
 * datagram first; only those that are still ready after that are read until they are empty. With
 * many sockets that hold one packet each (audio) this saves the second, empty read per packet.
 * Under load the loop rests a little between turns, see {@link BatchPause}.
 *
 * <p>What fails on the loop (a task, a socket's owner) is logged, counted and ends there: nothing
 * stops the loop but {@link #close}. The file is long because tasks, timers and sockets share one
 * turn, and their order in it is what matters.
 */
public final class SelectorLoop implements Executor, AutoCloseable {
  /** Largest datagram taken: an Ethernet frame holds 1500, larger ones are counted and dropped. */
  public static final int MAX_DATAGRAM_BYTES = 2048;

  /** Room behind a datagram in buffers that are handed out, for authentication tags. */
  public static final int ROOM_BEHIND_BYTES = 64;

  private static final Logger LOG = LoggerFactory.getLogger(SelectorLoop.class);
  private static final int MAX_TASKS = 1 << 16;
  private static final int TASKS_PER_TURN = 1024;
  private static final int DATAGRAMS_PER_VISIT = 64;
  private static final long AFTER_FAILURE_NANOS = 10_000_000;
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  /** Something on the selector that can be read. */
  interface Source {
    /** Reads at most {@code most} datagrams and hands them on; returns how many it read. */
    int read(int most) throws IOException;

    /** Reading or handing on failed. */
    void broken(Throwable cause);
  }

  private final TimeSource time;
  private final Selector selector;
  private final Thread thread;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger taskCount = new AtomicInteger();
  private final AtomicBoolean wakeAsked = new AtomicBoolean();
  private final TimerHeap timers = new TimerHeap();
  private final BatchPause batchPause;
  private final Consumer<SelectionKey> readOne = this::readOne; // kept: no allocation per turn
  private final Consumer<SelectionKey> readAll = this::readAll;
  private final Counter packetsReceived = new Counter();
  private final Counter turns = new Counter();
  private final Counter failures = new Counter();
  private int packetsThisTurn;
  private boolean moreIsWaiting;
  private volatile boolean stopping;

  /** Direct buffer between kernel and heap; loop thread only. */
  final ByteBuffer readBuffer = ByteBuffer.allocateDirect(MAX_DATAGRAM_BYTES + 1);

  /** Direct buffer between heap and kernel; loop thread only. */
  final ByteBuffer sendBuffer = ByteBuffer.allocateDirect(MAX_DATAGRAM_BYTES + ROOM_BEHIND_BYTES);

  /** The datagram being handed on; loop thread only. */
  final byte[] datagram = new byte[MAX_DATAGRAM_BYTES + 1 + ROOM_BEHIND_BYTES];

  private final byte[] clear = new byte[MAX_DATAGRAM_BYTES + 1 + ROOM_BEHIND_BYTES];

  /** Starts the thread under {@code name}. */
  public SelectorLoop(String name, TimeSource time) {
    this.time = time;
    this.batchPause = new BatchPause(time.nanos());
    try {
      this.selector = Selector.open();
    } catch (IOException cause) {
      throw new UncheckedIOException("can't open a selector (file limit?) for " + name, cause);
    }
    this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
    thread.start();
  }

  /**
   * Runs {@code task} on the loop, after those handed in before it. Any thread. The task must not
   * block.
   *
   * @throws RejectedExecutionException when the loop is closed or 65536 tasks wait already
   */
  @Override
  public void execute(Runnable task) {
    add(task, MAX_TASKS);
  }

  /**
   * As {@link #execute}, however many tasks wait: for what comes once per connection, such as its
   * close.
   *
   * @throws RejectedExecutionException when the loop is closed
   */
  public void executeAlways(Runnable task) {
    add(task, Integer.MAX_VALUE);
  }

  private void add(Runnable task, int mostWaiting) {
    if (stopping) {
      throw new RejectedExecutionException("the loop " + thread.getName() + " is closed");
    }
    if (taskCount.incrementAndGet() > mostWaiting) {
      taskCount.decrementAndGet();
      throw new RejectedExecutionException(
          mostWaiting + " tasks wait for the loop " + thread.getName() + " already");
    }
    tasks.add(task);
    wake();
  }

  /** Whether the caller is the loop's thread. */
  public boolean onLoop() {
    return Thread.currentThread().equals(thread);
  }

  /**
   * Runs {@code task} on the loop once, {@code delay} from now (it may be 3 ms late). Any thread;
   * the timer can be taken back from any thread as well.
   */
  public TimeSource.Timer after(Duration delay, Runnable task) {
    long atNanos = time.nanos() + delay.toNanos();
    AtomicBoolean over = new AtomicBoolean();
    LoopTimer timer =
        timer(() -> {
          if (over.compareAndSet(false, true)) {
            task.run();
          }
        });
    onLoop(() -> timer.schedule(atNanos));
    return () -> {
      if (over.compareAndSet(false, true) && !stopping) {
        onLoop(timer::cancel);
      }
    };
  }

  /** A timer for {@code task} that can be set many times; not set yet. */
  public LoopTimer timer(Runnable task) {
    return new LoopTimer(timers, task);
  }

  /** Datagrams read so far. */
  public long packetsReceived() {
    return packetsReceived.get();
  }

  /** Turns of the loop so far: few turns for many packets is what a busy loop should show. */
  public long turns() {
    return turns.get();
  }

  /** Tasks and packet handlers that threw so far. */
  public long failures() {
    return failures.get();
  }

  /** The monotonic clock of the loop, in nanoseconds. */
  public long nanos() {
    return time.nanos();
  }

  /**
   * Stops the thread and closes what is still registered; tasks and timers that are left never run.
   * Waits up to 5 s for the thread unless called on it.
   */
  @Override
  public void close() {
    stopping = true;
    wake();
    if (onLoop()) {
      return;
    }
    try {
      if (!thread.join(CLOSE_WAIT)) {
        LOG.atWarn().addKeyValue("loop", thread.getName()).log("loop did not stop in 5 s");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Scratch room for a decrypted packet, shared by all transports of the loop: what is in it lasts
   * until the next packet. Loop thread only.
   */
  public byte[] clearBuffer() {
    return clear;
  }

  /** Reads {@code channel} from now on; loop thread only. */
  void register(SelectableChannel channel, Source owner) throws ClosedChannelException {
    channel.register(selector, SelectionKey.OP_READ, owner);
  }

  private void onLoop(Runnable task) {
    if (onLoop()) {
      task.run();
    } else {
      execute(task);
    }
  }

  private void wake() {
    if (!onLoop() && wakeAsked.compareAndSet(false, true)) {
      selector.wakeup();
      LockSupport.unpark(thread); // it may be resting between two turns
    }
  }

  private void run() {
    while (!stopping) {
      try {
        turn();
      } catch (IOException | RuntimeException | Error failure) {
        failed("loop turn failed, goes on", failure);
        LockSupport.parkNanos(this, AFTER_FAILURE_NANOS);
      }
    }
    closeChannels();
  }

  private void turn() throws IOException {
    turns.increment();
    wakeAsked.set(false);
    runTasks();
    runTimers();
    packetsThisTurn = 0;
    moreIsWaiting = false;
    long waitMillis = waitMillis();
    int ready =
        waitMillis == 0 ? selector.selectNow(readOne) : selector.select(readOne, waitMillis);
    if (ready > 0) {
      selector.selectNow(readAll);
    }
    packetsReceived.add(packetsThisTurn);
    long restNanos = batchPause.afterTurn(packetsThisTurn, time.nanos());
    if (restNanos > 0 && !moreIsWaiting && tasks.isEmpty()) {
      LockSupport.parkNanos(this, restNanos);
    }
  }

  private void runTasks() {
    for (int i = 0; i < TASKS_PER_TURN; i++) {
      Runnable task = tasks.poll();
      if (task == null) {
        return;
      }
      taskCount.decrementAndGet();
      runGuarded(task);
    }
  }

  private void runTimers() {
    // Timers set by timers with a moment already past wait for the next turn's clock reading only
    // if the clock moved on; bounding the round keeps such a timer from starving the sockets.
    long nowNanos = time.nanos();
    int most = timers.size();
    for (int i = 0; i < most; i++) {
      LoopTimer due = timers.pollDue(nowNanos);
      if (due == null) {
        return;
      }
      runGuarded(due::run);
    }
  }

  /** Milliseconds to wait for a socket: 0 for not at all, up to 1 s when nothing is planned. */
  private long waitMillis() {
    if (!tasks.isEmpty()) {
      return 0;
    }
    if (timers.isEmpty()) {
      return 1000;
    }
    long nanos = timers.nanosUntilFirst(time.nanos());
    return nanos <= 0 ? 0 : Math.min(1000, (nanos + 999_999) / 1_000_000);
  }

  private void readOne(SelectionKey key) {
    read(key, 1);
  }

  private void readAll(SelectionKey key) {
    read(key, DATAGRAMS_PER_VISIT);
  }

  private void read(SelectionKey key, int most) {
    if (!key.isValid() || !(key.attachment() instanceof Source owner)) {
      return;
    }
    try {
      int packets = owner.read(most);
      packetsThisTurn += packets;
      moreIsWaiting |= packets == DATAGRAMS_PER_VISIT; // a burst: its rest comes next turn
    } catch (ClosedChannelException closed) {
      key.cancel();
    } catch (IOException | RuntimeException | Error failure) {
      failed("reading a socket failed, its owner is told", failure);
      runGuarded(() -> owner.broken(failure));
    }
  }

  private void runGuarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error failure) {
      failed("a task on the loop failed and is dropped", failure);
    }
  }

  private void failed(String what, Throwable failure) {
    failures.increment();
    LOG.atError().setCause(failure).addKeyValue("loop", thread.getName()).log(what);
  }

  private void closeChannels() {
    for (SelectionKey key : selector.keys()) {
      closeQuietly(key.channel());
    }
    closeQuietly(selector);
  }

  private static void closeQuietly(@Nullable AutoCloseable closeable) {
    try {
      if (closeable != null) {
        closeable.close();
      }
    } catch (Exception cause) {
      LOG.atDebug().setCause(cause).log("closing failed, the descriptor is gone anyway");
    }
  }
}
