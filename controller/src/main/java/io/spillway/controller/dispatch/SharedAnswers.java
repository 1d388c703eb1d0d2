package io.spillway.controller.dispatch;

import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * One question per room at a time, however many ask: an answer that is worth it is believed for a
 * second, and who asks for what is being asked waits for that answer. Two hundred starts in one
 * room cost one look-up. Failures are never remembered. Thread-safe.
 *
 * @param <A> an answer
 */
final class SharedAnswers<A> {
  private static final long BELIEVED_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int MOST_REMEMBERED = 10_000;

  /** Asks the server. */
  interface Question<A> {
    A ask(String room) throws IOException, InterruptedException;
  }

  private final Question<A> question;
  private final Predicate<A> worthBelieving;
  private final TimeSource time;
  private final ConcurrentHashMap<String, Asked> asked = new ConcurrentHashMap<>();

  SharedAnswers(Question<A> question, Predicate<A> worthBelieving, TimeSource time) {
    this.question = question;
    this.worthBelieving = worthBelieving;
    this.time = time;
  }

  /**
   * The answer for {@code room}, at most a second old. Blocks until the deadline at most.
   *
   * @throws IOException why there is none
   */
  A about(String room, Deadline deadline) throws IOException, InterruptedException {
    Asked mine = new Asked(room);
    Asked entry =
        asked.compute(room, (name, old) -> old != null && old.isUsable(time.nanos()) ? old : mine);
    if (entry == mine) {
      forgetSome();
      // On a thread of its own: a caller that is interrupted must not spoil the others' answer.
      Thread.ofVirtual().name("room-look-up").start(mine.answer);
    }
    return entry.await(deadline);
  }

  void clear() {
    asked.clear();
  }

  private void forgetSome() {
    if (asked.size() > MOST_REMEMBERED) {
      long now = time.nanos();
      asked.values().removeIf(entry -> !entry.isUsable(now));
    }
  }

  /** One question, asked or answered. */
  private final class Asked {
    private final FutureTask<A> answer;
    private volatile long answeredAtNanos;

    Asked(String room) {
      this.answer =
          new FutureTask<>(() -> {
            A known = question.ask(room);
            answeredAtNanos = time.nanos(); // before anybody can see the answer
            return known;
          });
    }

    boolean isUsable(long nowNanos) {
      return switch (answer.state()) {
        case RUNNING -> true;
        case SUCCESS ->
            worthBelieving.test(answer.resultNow()) && nowNanos - answeredAtNanos < BELIEVED_NANOS;
        case FAILED, CANCELLED -> false;
      };
    }

    A await(Deadline deadline) throws IOException, InterruptedException {
      try {
        return answer.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException late) {
        throw new IOException("no answer in time", late);
      } catch (ExecutionException failed) {
        Throwable cause = failed.getCause();
        throw new IOException(
            cause instanceof IOException known && known.getMessage() != null
                ? known.getMessage()
                : String.valueOf(cause),
            cause);
      }
    }
  }
}
