package io.spillway.node.recorder;

import io.spillway.rtc.Frame;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The frames between the packet path and a recorder's turns: bounded, and the only thing both
 * touch. One producer (the selector thread), one consumer (the recorder).
 *
 * <p>Two byte arrays take turns: the producer appends to one, the consumer takes it whole and reads
 * it without the lock while the producer goes on with the other. So the producer copies and leaves,
 * allocates nothing once the arrays have their size, and a slow disk costs only the frames of its
 * own recording (dropped and counted when {@code maxBytes} is reached).
 */
public final class FrameQueue {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final int HEADER_BYTES = 8 + 8 + 8 + 4 + 4 + 4 + 4;
  private static final int FIRST_BYTES = 4 << 10;
  private static final int KEPT_BYTES = 512 << 10;
  private static final int KEY = 1;
  private static final int AFTER_LOSS = 2;
  private static final int DISCONTINUITY = 4;

  private final ReentrantLock lock = new ReentrantLock();
  private final int maxBytes;
  private final Budget budget;
  private byte[] filling = new byte[FIRST_BYTES];
  private byte[] spare = new byte[FIRST_BYTES];
  private int filled;
  private long dropped;
  private boolean lossPending;
  private boolean closed;

  /**
   * The bytes that may wait in all queues of a node together, so that a hung disk under many
   * recordings can't take the memory of the others. Thread-safe.
   */
  public static final class Budget {
    private final AtomicLong left;

    /** That many bytes. */
    public Budget(long bytes) {
      this.left = new AtomicLong(bytes);
    }

    private boolean take(int bytes) {
      if (left.addAndGet(-bytes) >= 0) {
        return true;
      }
      left.addAndGet(bytes);
      return false;
    }

    private void giveBack(int bytes) {
      left.addAndGet(bytes);
    }
  }

  /** A queue that holds at most {@code maxBytes}, headers included, out of the node's budget. */
  public FrameQueue(int maxBytes, Budget budget) {
    this.maxBytes = maxBytes;
    this.budget = budget;
  }

  /**
   * Copies a frame in; the bytes that wait now, or -1 when it was dropped because the queue is
   * full. A closed queue takes nothing and counts nothing: nobody wants the frame any more.
   */
  public int add(Frame frame) {
    int needed = HEADER_BYTES + frame.length;
    lock.lock();
    try {
      if (closed) {
        return 0;
      }
      if (filled + needed > maxBytes || !budget.take(needed)) {
        dropped++;
        lossPending = true;
        return -1;
      }
      if (filled + needed > filling.length) {
        filling =
            Arrays.copyOf(
                filling, Math.min(maxBytes, Math.max(filling.length * 2, filled + needed)));
      }
      write(frame);
      lossPending = false;
      return filled;
    } finally {
      lock.unlock();
    }
  }

  private void write(Frame frame) {
    int flags =
        (frame.key ? KEY : 0)
            | (frame.afterLoss || lossPending ? AFTER_LOSS : 0)
            | (frame.discontinuity ? DISCONTINUITY : 0);
    LONG.set(filling, filled, frame.ticks);
    LONG.set(filling, filled + 8, frame.arrivalNanos);
    LONG.set(filling, filled + 16, frame.captureUnixNanos);
    INT.set(filling, filled + 24, flags);
    INT.set(filling, filled + 28, frame.width);
    INT.set(filling, filled + 32, frame.height);
    INT.set(filling, filled + 36, frame.length);
    System.arraycopy(frame.data, frame.offset, filling, filled + HEADER_BYTES, frame.length);
    filled += HEADER_BYTES + frame.length;
  }

  /**
   * Gives every waiting frame to {@code sink}, in order, through {@code view} (whose bytes are
   * valid during the call only).
   *
   * @return how many there were
   */
  <X extends Exception> int drain(Frame view, Sink<X> sink) throws X {
    byte[] full;
    int end;
    lock.lock();
    try {
      full = filling;
      end = filled;
      filling = spare;
      filled = 0;
    } finally {
      lock.unlock();
    }
    int frames = 0;
    try {
      for (int at = 0; at < end; frames++) {
        at = read(full, at, view);
        sink.accept(view);
      }
    } finally {
      budget.giveBack(end);
      giveBack(full);
    }
    return frames;
  }

  /** An array that grew while the disk was slow is not kept: the next one starts small again. */
  private void giveBack(byte[] emptied) {
    lock.lock();
    try {
      spare = emptied.length > KEPT_BYTES ? new byte[FIRST_BYTES] : emptied;
    } finally {
      lock.unlock();
    }
  }

  /** Ends it: what waits goes back to the node's budget, what still comes is not taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      budget.giveBack(filled);
      filled = 0;
      filling = new byte[0];
      spare = filling;
    } finally {
      lock.unlock();
    }
  }

  private static int read(byte[] from, int at, Frame view) {
    int flags = (int) INT.get(from, at + 24);
    view.ticks = (long) LONG.get(from, at);
    view.arrivalNanos = (long) LONG.get(from, at + 8);
    view.captureUnixNanos = (long) LONG.get(from, at + 16);
    view.key = (flags & KEY) != 0;
    view.afterLoss = (flags & AFTER_LOSS) != 0;
    view.discontinuity = (flags & DISCONTINUITY) != 0;
    view.width = (int) INT.get(from, at + 28);
    view.height = (int) INT.get(from, at + 32);
    view.length = (int) INT.get(from, at + 36);
    view.data = from;
    view.offset = at + HEADER_BYTES;
    return view.offset + view.length;
  }

  /** Frames that did not fit since the start. */
  long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  /** Takes one frame; what it throws ends the drain, the rest of that batch is lost. */
  @FunctionalInterface
  interface Sink<X extends Exception> {
    void accept(Frame frame) throws X;
  }
}
