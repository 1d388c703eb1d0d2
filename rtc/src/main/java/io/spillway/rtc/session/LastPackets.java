package io.spillway.rtc.session;

import io.spillway.core.time.TimeSource.Timer;
import io.spillway.rtc.rtp.TrackReceiver;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * The moment before a session closes on purpose. A packet that was lost a moment ago has been asked
 * for and is on its way: closing waits for it, at most until {@link TrackReceiver#lastPackets}
 * gives it up. Where nothing is missing nothing waits. Loop thread only.
 */
final class LastPackets {
  private final BiFunction<Duration, Runnable, Timer> after;
  private Optional<Runnable> then = Optional.empty();
  private Optional<Timer> timer = Optional.empty();

  /** {@code after} sets timers of the loop. */
  LastPackets(BiFunction<Duration, Runnable, Timer> after) {
    this.after = after;
  }

  /**
   * Runs {@code close} when the receiver misses nothing, or time is up; once, whoever asks again.
   */
  void await(TrackReceiver receiver, long nowNanos, Runnable close) {
    if (then.isPresent()) {
      return;
    }
    long waitNanos = receiver.lastPackets(nowNanos);
    if (waitNanos == 0) {
      close.run();
      return;
    }
    then = Optional.of(close);
    timer = Optional.of(after.apply(Duration.ofNanos(waitNanos), this::over));
  }

  /** A packet came. */
  void came(TrackReceiver receiver) {
    if (then.isPresent() && receiver.isWhole()) {
      over();
    }
  }

  private void over() {
    timer.ifPresent(Timer::cancel);
    timer = Optional.empty();
    Optional<Runnable> close = then;
    then = Optional.empty();
    close.ifPresent(Runnable::run);
  }
}
