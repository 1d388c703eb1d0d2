package io.spillway.node.recorder;

import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.node.recorder.Inbox.Facts;
import io.spillway.rtc.TrackSubscription;
import java.time.Duration;
import java.util.Optional;

/**
 * The way out of a room: over once the subscription has told its end, which it does exactly once,
 * maybe long before; or when the packet path takes too long to hand out its last frames. Holds no
 * thread meanwhile: the fact or the timer brings the recorder its next turn.
 */
final class Leaving {
  /** How long the packet path may take to hand out its last frames. */
  static final Duration WITHIN = Duration.ofSeconds(2);

  private final long lastMomentNanos;
  private final boolean joined;
  private final Deadline deadline;
  private final TimeSource.Timer timer;

  private Leaving(TimeSource time, long lastMomentNanos, boolean joined, Runnable wake) {
    this.lastMomentNanos = lastMomentNanos;
    this.joined = joined;
    this.deadline = Deadline.in(time, WITHIN);
    this.timer = time.after(WITHIN, wake);
  }

  /** Leaves; {@code wake} asks for a turn when it took too long. */
  static Leaving begin(
      TimeSource time,
      long lastMomentNanos,
      Optional<TrackSubscription> subscription,
      Runnable wake) {
    subscription.ifPresent(TrackSubscription::close);
    return new Leaving(time, lastMomentNanos, subscription.isPresent(), wake);
  }

  /** The recording's last moment. */
  long lastMomentNanos() {
    return lastMomentNanos;
  }

  boolean isOver(Facts facts) {
    return !joined || facts.end != null || deadline.hasPassed();
  }

  /** Nobody waits any more. */
  void cancel() {
    timer.cancel();
  }
}
