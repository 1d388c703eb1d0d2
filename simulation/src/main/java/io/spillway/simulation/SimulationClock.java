package io.spillway.simulation;

import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.PriorityQueue;

/**
 * Time that jumps from one task to the next. Like core's simulated time, but cancelling costs
 * nothing: a run has millions of timers, most of them deadlines that are never needed.
 */
final class SimulationClock implements TimeSource {
  private static final long START_UNIX_NANOS = 1_700_000_000_000_000_000L;

  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private long nanos;
  private long sequence;
  private long steps;

  private static final class Task implements Comparable<Task> {
    final long atNanos;
    final long sequence;
    Runnable work;

    Task(long atNanos, long sequence, Runnable work) {
      this.atNanos = atNanos;
      this.sequence = sequence;
      this.work = work;
    }

    @Override
    public int compareTo(Task other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public long unixNanos() {
    return START_UNIX_NANOS + nanos;
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    return afterNanos(delay.toNanos(), task);
  }

  Timer afterNanos(long delayNanos, Runnable work) {
    Task task = new Task(nanos + Math.max(0, delayNanos), sequence++, work);
    tasks.add(task);
    return () -> task.work = () -> {};
  }

  /** Runs {@code task} now and then again and again, for ever. */
  void every(Duration period, Runnable task) {
    task.run();
    var _ = after(period, () -> every(period, task));
  }

  /** Runs every task until this moment. */
  void runUntil(long untilNanos) {
    for (Task next = tasks.peek();
        next != null && next.atNanos <= untilNanos;
        next = tasks.peek()) {
      Task task = tasks.remove();
      nanos = task.atNanos;
      steps++;
      task.work.run();
    }
    nanos = untilNanos;
  }

  long steps() {
    return steps;
  }
}
