package io.spillway.app.node;

import io.spillway.app.command.OsSignal;
import io.spillway.core.bounded.Mailbox;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.Optional;

/**
 * SIGTERM and SIGINT as messages. A shutdown hook would not do: it hears only the first signal, and
 * the JVM's exit code is then the signal's, which an orchestrator takes for a failure.
 */
final class Signals {
  /** What was asked for. */
  enum Wish {
    /** SIGTERM: let recordings go on to their end. */
    DRAIN,
    /** SIGINT: end them now. */
    END
  }

  private final Mailbox<Wish> wishes = Mailbox.bounded(8, Mailbox.Overflow.DROP_NEWEST);
  private final TimeSource time;

  /** Takes the signals from now on, for the rest of the process. */
  Signals(TimeSource time) {
    this.time = time;
    OsSignal.handle("TERM", () -> tell(Wish.DRAIN));
    OsSignal.handle("INT", () -> tell(Wish.END));
  }

  private void tell(Wish wish) {
    boolean _ = wishes.offer(wish);
  }

  /** The next wish, if one comes within {@code wait}. */
  Optional<Wish> next(Duration wait) throws InterruptedException {
    return wishes.take(Deadline.in(time, wait));
  }
}
