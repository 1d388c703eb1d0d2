package io.spillway.rtc.net;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The timers of a loop, the earliest first: a binary heap in which each timer knows its place, so
 * that setting and taking back cost O(log n) and no allocation. Times are compared by their
 * difference, because the monotonic clock may be negative and may wrap.
 */
final class TimerHeap {
  private @Nullable LoopTimer[] heap = new LoopTimer[16];
  private int size;

  /** The earliest timer that is due at {@code nowNanos}, taken out; null when none is. */
  @Nullable LoopTimer pollDue(long nowNanos) {
    if (size == 0 || nanosUntilFirst(nowNanos) > 0) {
      return null;
    }
    LoopTimer first = at(0);
    remove(first);
    return first;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** How long until the earliest timer is due; zero or less when it is. The heap isn't empty. */
  long nanosUntilFirst(long nowNanos) {
    return at(0).atNanos - nowNanos;
  }

  void add(LoopTimer timer) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    size++;
    siftUp(size - 1, timer);
  }

  void remove(LoopTimer timer) {
    int hole = timer.index;
    if (hole == LoopTimer.UNSET) {
      return;
    }
    timer.index = LoopTimer.UNSET;
    size--;
    LoopTimer last = at(size);
    heap[size] = null;
    if (last != timer) {
      siftDown(hole, last);
      if (last.index == hole) {
        siftUp(hole, last);
      }
    }
  }

  private LoopTimer at(int index) {
    LoopTimer timer = heap[index];
    if (timer == null) {
      throw new IllegalStateException("no timer at " + index + " of " + size);
    }
    return timer;
  }

  private static boolean isEarlier(LoopTimer left, LoopTimer right) {
    return left.atNanos - right.atNanos < 0;
  }

  private void siftUp(int hole, LoopTimer timer) {
    int at = hole;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      LoopTimer above = at(parent);
      if (!isEarlier(timer, above)) {
        break;
      }
      put(at, above);
      at = parent;
    }
    put(at, timer);
  }

  private void siftDown(int hole, LoopTimer timer) {
    int at = hole;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && isEarlier(at(child + 1), at(child))) {
        child++;
      }
      LoopTimer below = at(child);
      if (!isEarlier(below, timer)) {
        break;
      }
      put(at, below);
      at = child;
    }
    put(at, timer);
  }

  private void put(int index, LoopTimer timer) {
    heap[index] = timer;
    timer.index = index;
  }
}
