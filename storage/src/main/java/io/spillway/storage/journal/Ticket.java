package io.spillway.storage.journal;

import io.spillway.core.time.Deadline;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The journal's promise for one record. Thread-safe. */
public final class Ticket {
  private final JournalRecord record;
  private final CountDownLatch answered = new CountDownLatch(1);
  private volatile Durability durability = Durability.NOT_YET;

  Ticket(JournalRecord record) {
    this.record = record;
  }

  /** What was appended, with its sequence. */
  public JournalRecord record() {
    return record;
  }

  /** Waits until the record's fate is known, at most until the deadline. */
  public Durability durable(Deadline deadline) throws InterruptedException {
    boolean known = answered.await(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
    return known ? durability : Durability.NOT_YET;
  }

  void answer(Durability fate) {
    durability = fate;
    answered.countDown();
  }
}
