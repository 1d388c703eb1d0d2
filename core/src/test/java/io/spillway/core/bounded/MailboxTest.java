package io.spillway.core.bounded;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.bounded.Mailbox.Overflow;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.SimulatedTime;
import io.spillway.core.time.SystemTime;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MailboxTest {
  @Test
  void aFullMailboxKeepsTheOldAndCountsTheNew() {
    Mailbox<String> box = Mailbox.bounded(1, Overflow.DROP_NEWEST);

    assertThat(box.offer("a")).isTrue();
    assertThat(box.offer("b")).isFalse();
    assertThat(box.poll()).contains("a");
    assertThat(box.dropped()).isEqualTo(1);
  }

  @Test
  void aFullMailboxGivesUpTheOldestWhenToldSo() {
    Mailbox<String> box = Mailbox.bounded(2, Overflow.DROP_OLDEST);
    box.offer("a");
    box.offer("b");

    assertThat(box.offer("c")).isFalse();
    assertThat(box.poll()).contains("b");
    assertThat(box.poll()).contains("c");
    assertThat(box.dropped()).isEqualTo(1);
  }

  @Test
  void takingReturnsByItsDeadline() throws InterruptedException {
    SimulatedTime time = new SimulatedTime();

    assertThat(Mailbox.bounded(1, Overflow.DROP_NEWEST).take(Deadline.in(time, Duration.ZERO)))
        .isEmpty();
  }

  @Test
  void whoWaitsGetsWhatComes() throws InterruptedException {
    Mailbox<String> box = Mailbox.bounded(1, Overflow.DROP_NEWEST);
    Thread.ofVirtual().start(() -> box.offer("a"));
    try (SystemTime time = new SystemTime()) {
      assertThat(box.take(Deadline.in(time, Duration.ofSeconds(10)))).isEqualTo(Optional.of("a"));
    }
  }

  @Test
  void aClosedMailboxStillGivesWhatItHasAndThenNothing() throws InterruptedException {
    Mailbox<String> box = Mailbox.bounded(2, Overflow.DROP_NEWEST);
    box.offer("a");
    box.close();
    SimulatedTime time = new SimulatedTime();

    assertThat(box.offer("b")).isFalse();
    assertThat(box.take(Deadline.in(time, Duration.ofHours(1)))).contains("a");
    assertThat(box.take(Deadline.in(time, Duration.ofHours(1)))).isEmpty();
  }

  @Test
  void waitsBetweenTriesDoubleUpToTheMostAndAreJitteredInTheUpperHalf() {
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
    Random random = new Random(1);
    for (int attempt = 1; attempt < 40; attempt++) {
      long ceiling = Math.min(1000, 100L << Math.min(attempt - 1, 20));
      assertThat(backoff.after(attempt, random).toMillis()).isBetween(ceiling / 2, ceiling);
      assertThat(backoff.longestAfter(attempt).toMillis()).isEqualTo(ceiling);
    }
  }

  @Test
  void timersRunInTheOrderOfTheirMomentsOnTheThreadThatMovesTime() {
    SimulatedTime time = new SimulatedTime();
    StringBuilder order = new StringBuilder();
    var unused = time.after(Duration.ofSeconds(2), () -> order.append("b"));
    time.after(
        Duration.ofSeconds(1),
        () -> {
          order.append("a");
          unused.cancel();
          time.after(Duration.ofSeconds(1), () -> order.append("c"));
        });

    time.advance(Duration.ofSeconds(5));

    assertThat(order.toString()).isEqualTo("ac");
    assertThat(time.nanos()).isEqualTo(Duration.ofSeconds(5).toNanos());
  }
}
