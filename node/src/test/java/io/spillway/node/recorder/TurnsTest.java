package io.spillway.node.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class TurnsTest {
  @Test
  void whatIsWantedBeforeTheRunIsDoneByOneRun() {
    ArrayDeque<Runnable> queue = new ArrayDeque<>();
    AtomicInteger runs = new AtomicInteger();
    Turns turns = new Turns(queue::add, runs::incrementAndGet);
    turns.want();
    turns.want();
    turns.want();

    assertThat(queue).hasSize(1);
    queue.remove().run();

    assertThat(runs).hasValue(1);
    turns.want();
    assertThat(queue).hasSize(1);
  }

  @Test
  void whatIsWantedDuringARunIsDoneByOneMore() {
    ArrayDeque<Runnable> queue = new ArrayDeque<>();
    AtomicInteger runs = new AtomicInteger();
    Turns[] turns = new Turns[1];
    turns[0] =
        new Turns(
            queue::add,
            () -> {
              if (runs.incrementAndGet() == 1) {
                turns[0].want();
                turns[0].want();
              }
            });
    turns[0].want();

    queue.remove().run();

    assertThat(runs).hasValue(2);
    assertThat(queue).isEmpty();
  }

  @Test
  void onceMovedItRunsOnTheOtherThreadsOnly() {
    ArrayDeque<Runnable> first = new ArrayDeque<>();
    ArrayDeque<Runnable> second = new ArrayDeque<>();
    AtomicInteger runs = new AtomicInteger();
    Turns[] turns = new Turns[1];
    turns[0] =
        new Turns(
            first::add,
            () -> {
              if (runs.incrementAndGet() == 1) {
                turns[0].moveTo(second::add);
              }
            });
    turns[0].want();
    first.remove().run();

    assertThat(runs).hasValue(1);
    turns[0].want();
    assertThat(first).isEmpty();
    assertThat(second).hasSize(1);
    second.remove().run();
    assertThat(runs).hasValue(2);
    turns[0].want();
    assertThat(first).isEmpty();
    assertThat(second).hasSize(1);
  }

  @Test
  void fromManyThreadsItNeverRunsTwiceAtOnceAndMissesNothing() throws InterruptedException {
    int askers = 4;
    int each = 20_000;
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();
    AtomicBoolean inside = new AtomicBoolean();
    AtomicBoolean twice = new AtomicBoolean();
    CountDownLatch done = new CountDownLatch(askers);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      Turns turns =
          new Turns(
              threads,
              () -> {
                if (!inside.compareAndSet(false, true)) {
                  twice.set(true);
                }
                seen.set(asked.get());
                inside.set(false);
              });
      for (int i = 0; i < askers; i++) {
        Thread.ofPlatform()
            .start(() -> {
              for (int n = 0; n < each; n++) {
                asked.incrementAndGet();
                turns.want();
              }
              done.countDown();
            });
      }
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }

    assertThat(twice).isFalse();
    assertThat(seen).hasValue(askers * each);
  }
}
