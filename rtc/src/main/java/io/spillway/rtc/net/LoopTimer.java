package io.spillway.rtc.net;

/**
 * A timer that can be set again and again without allocation, for work that repeats per track. Made
 * by {@link SelectorLoop#timer}; every method must be called on the loop's thread.
 */
public final class LoopTimer {
  /** Where the timer stands when it isn't set. */
  static final int UNSET = -1;

  private final TimerHeap heap;
  private final Runnable task;

  /** The moment it falls due, on the monotonic clock; read by the heap. */
  long atNanos;

  /** Its place in the heap, {@link #UNSET} when it isn't set; kept by the heap. */
  int index = UNSET;

  LoopTimer(TimerHeap heap, Runnable task) {
    this.heap = heap;
    this.task = task;
  }

  /** Runs the task once at {@code atNanos} (monotonic), instead of whenever it was set before. */
  public void schedule(long atNanos) {
    heap.remove(this);
    this.atNanos = atNanos;
    heap.add(this);
  }

  /** Takes the timer back if it is set. */
  public void cancel() {
    heap.remove(this);
  }

  /** Whether it is set and hasn't run yet. */
  public boolean isScheduled() {
    return index != UNSET;
  }

  void run() {
    task.run();
  }
}
