package io.spillway.rtc.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TimerHeapTest {
  @Test
  void timersComeOutInOrderWhateverIsSetMovedAndTakenBack() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      TimerHeap heap = new TimerHeap();
      long start = Long.MAX_VALUE - 500; // moments wrap around
      List<LoopTimer> timers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        timers.add(new LoopTimer(heap, () -> {}));
      }
      for (int i = 0; i < 500; i++) {
        LoopTimer timer = timers.get(random.nextInt(timers.size()));
        if (random.nextInt(3) == 0) {
          timer.cancel();
        } else {
          timer.schedule(start + random.nextInt(1000));
        }
      }
      List<Long> expected =
          timers.stream()
              .filter(LoopTimer::isScheduled)
              .map(timer -> timer.atNanos - start)
              .sorted(Comparator.naturalOrder())
              .toList();
      List<Long> got = new ArrayList<>();
      for (LoopTimer due = heap.pollDue(start + 1000);
          due != null;
          due = heap.pollDue(start + 1000)) {
        got.add(due.atNanos - start);
      }
      assertThat(got).isEqualTo(expected);
      assertThat(heap.isEmpty()).isTrue();
    }
  }

  @Test
  void aTimerThatIsNotDueStays() {
    TimerHeap heap = new TimerHeap();
    LoopTimer timer = new LoopTimer(heap, () -> {});
    timer.schedule(100);
    assertThat(heap.pollDue(99)).isNull();
    assertThat(heap.nanosUntilFirst(40)).isEqualTo(60);
    assertThat(heap.pollDue(100)).isSameAs(timer);
    assertThat(timer.isScheduled()).isFalse();
  }
}
