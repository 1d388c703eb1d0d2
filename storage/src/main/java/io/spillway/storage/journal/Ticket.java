package io.spillway.storage.journal;

import io.spillway.core.time.Deadline;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** The journal's promise for one record. Thread-safe. */
public final class Ticket {
  private final JournalRecord record;
  private final CountDownLatch answered = new CountDownLatch(1);
  private final AtomicReference<Durability> durability = new AtomicReference<>(Durability.NOT_YET);

  Ticket(JournalRecord record) {
    this.record = record;
  }

  /** What was appended, with its sequence. */
  public JournalRecord record() {
    return record;
  }

  /** Waits until the record's fate is known, at most until the deadline. */
  public Durability durable(Deadline deadline) throws InterruptedException {
    boolean _ = answered.await(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
    return durability.get();
  }

  /** Settles the fate: false when it was settled before. {@link #tell} must follow. */
  boolean settle(Durability fate) {
    return durability.compareAndSet(Durability.NOT_YET, fate);
  }

  /** Wakes whoever waits for the fate. */
  void tell() {
    answered.countDown();
  }
}
