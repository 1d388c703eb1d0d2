package io.spillway.store.sql;

import io.spillway.store.StoreException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * One change on its way to the writer thread: WAITING → BEGUN (the writer has it) or WAITING →
 * ABANDONED (its caller gave up; it is never made). Its outcome is seen by the caller only after
 * the transaction was committed.
 */
final class Change<T> {
  private enum State {
    WAITING,
    BEGUN,
    ABANDONED
  }

  private final String attempt;
  private final boolean owed;
  private final Function<Handle, T> work;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private final CountDownLatch done = new CountDownLatch(1);
  private Outcome<T> outcome; // written by the writer thread before done, read after it

  private sealed interface Outcome<T> {
    record Open<T>() implements Outcome<T> {}

    record Value<T>(T value) implements Outcome<T> {}

    /** The work refused, having changed nothing: an unknown id, say. */
    record Refused<T>(StoreException why) implements Outcome<T> {}

    record Failed<T>(RuntimeException why) implements Outcome<T> {}
  }

  Change(String attempt, boolean owed, Function<Handle, T> work) {
    this.attempt = attempt;
    this.owed = owed;
    this.work = work;
    this.outcome = new Outcome.Open<>();
  }

  /** Whether the room that is kept back may be used for it. */
  boolean isOwed() {
    return owed;
  }

  /** Takes the change for writing; false when its caller gave up before. */
  boolean begin() {
    return state.compareAndSet(State.WAITING, State.BEGUN);
  }

  void run(Handle handle) {
    try {
      outcome = new Outcome.Value<>(work.apply(handle));
    } catch (StoreException refusal) {
      outcome = new Outcome.Refused<>(refusal);
    }
  }

  void succeed() {
    done.countDown();
  }

  void fail(RuntimeException why) {
    outcome = new Outcome.Failed<>(why);
    done.countDown();
  }

  T await(Duration timeout) {
    boolean answered;
    try {
      answered = done.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw gaveUp("interrupted");
    }
    if (!answered) {
      throw gaveUp("the disk did not answer within " + timeout);
    }
    return result();
  }

  private T result() {
    return switch (outcome) {
      case Outcome.Value<T> value -> value.value();
      case Outcome.Refused<T> refused -> throw refused.why();
      case Outcome.Failed<T> failed -> throw failure(failed.why());
      case Outcome.Open<T> open ->
          throw failure(new IllegalStateException("answered before it ran: " + open));
    };
  }

  private StoreException gaveUp(String why) {
    boolean neverMade = state.compareAndSet(State.WAITING, State.ABANDONED);
    String effect = neverMade ? "; it was not stored" : "; whether it was stored is unknown";
    return new StoreException("could not " + attempt + ": " + why + effect);
  }

  private StoreException failure(Throwable cause) {
    return new StoreException("could not " + attempt + ": " + cause.getMessage(), cause);
  }
}
