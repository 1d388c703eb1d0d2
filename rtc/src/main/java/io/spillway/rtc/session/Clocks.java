package io.spillway.rtc.session;

import io.spillway.core.time.TimeSource.Timer;
import io.spillway.rtc.net.SelectorLoop;
import io.spillway.rtc.session.SessionEvent.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/** The time limits of one session, on its loop's timers. Loop thread only. */
final class Clocks {
  private final SelectorLoop loop;
  private final Consumer<Clock> timeUp;
  private final Map<Clock, Timer> running = new EnumMap<>(Clock.class);

  Clocks(SelectorLoop loop, Consumer<Clock> timeUp) {
    this.loop = loop;
    this.timeUp = timeUp;
  }

  void start(Clock clock, Duration limit) {
    stop(clock);
    running.put(
        clock,
        loop.after(
            limit,
            () -> {
              running.remove(clock);
              timeUp.accept(clock);
            }));
  }

  void stop(Clock clock) {
    Timer timer = running.remove(clock);
    if (timer != null) {
      timer.cancel();
    }
  }

  void stopAll() {
    running.values().forEach(Timer::cancel);
    running.clear();
  }
}
