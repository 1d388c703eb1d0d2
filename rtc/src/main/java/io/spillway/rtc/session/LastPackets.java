package io.spillway.rtc.session;

import io.spillway.core.time.TimeSource.Timer;
import io.spillway.rtc.rtp.TrackReceiver;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntConsumer;

/**
 * The moment before a session closes on purpose. A packet that was lost a moment ago has been asked
 * for and is on its way: closing waits for it, {@link #AT_MOST} at most. Where nothing is missing
 * nothing waits. Loop thread only.
 *
 * <p>The wait has two halves because a busy loop runs timers late, and before it reads its sockets:
 * what came meanwhile is read between the halves, and what was asked for late is answered in the
 * second.
 */
final class LastPackets {
  /**
   * Requests go out 10, 40, 100 and 200 ms after a loss was noticed; livekit-server answers none
   * within 100 ms of the packet's first sending, when it doesn't know the round trip better.
   */
  static final Duration AT_MOST = Duration.ofMillis(300);

  private static final Duration FIRST_PART = Duration.ofMillis(200);

  private final BiFunction<Duration, Runnable, Timer> after;
  private final IntConsumer gaveUp;
  private Optional<Runnable> waiting = Optional.empty();
  private Optional<Timer> timer = Optional.empty();

  /**
   * Nothing is awaited yet.
   *
   * @param after sets timers of the loop
   * @param gaveUp is told how many packets did not come in time
   */
  LastPackets(BiFunction<Duration, Runnable, Timer> after, IntConsumer gaveUp) {
    this.after = after;
    this.gaveUp = gaveUp;
  }

  /**
   * Runs {@code close} when the receiver misses nothing, or time is up; once, whoever asks again.
   */
  void await(TrackReceiver receiver, Runnable close) {
    if (waiting.isPresent()) {
      return;
    }
    if (receiver.missing() == 0) {
      close.run();
      return;
    }
    receiver.takeOnlyMissing();
    waiting = Optional.of(close);
    timer = Optional.of(after.apply(FIRST_PART, () -> secondPart(receiver)));
  }

  /** A packet came. */
  void came(TrackReceiver receiver) {
    if (waiting.isPresent() && receiver.missing() == 0) {
      over();
    }
  }

  private void secondPart(TrackReceiver receiver) {
    timer = Optional.of(after.apply(AT_MOST.minus(FIRST_PART), () -> giveUp(receiver)));
  }

  private void giveUp(TrackReceiver receiver) {
    gaveUp.accept(receiver.missing());
    over();
  }

  private void over() {
    timer.ifPresent(Timer::cancel);
    timer = Optional.empty();
    Optional<Runnable> close = waiting;
    waiting = Optional.empty();
    close.ifPresent(Runnable::run);
  }
}
