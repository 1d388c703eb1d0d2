package io.spillway.node.recorder;

import io.spillway.rtc.Frame;
import io.spillway.rtc.TrackDescription;
import io.spillway.rtc.TrackEvents;
import java.util.function.Consumer;

/**
 * What a recorder hears from the packet path: frames go into the queue, everything else becomes a
 * fact. Runs on the selector thread that serves all tracks, so each call only copies and leaves;
 * see {@link TrackEvents}.
 */
final class Ears implements TrackEvents {
  /** Above this much waiting the recorder is woken before its time. */
  private static final int WAKE_BYTES = 64 << 10;

  private final Inbox inbox;
  private final FrameQueue queue;
  private boolean first = true;
  private boolean woken;
  private volatile boolean shut;
  private volatile long lastFrameNanos = -1;

  Ears(Inbox inbox, FrameQueue queue) {
    this.inbox = inbox;
    this.queue = queue;
  }

  /** Hears nothing any more. Any thread. */
  void shut() {
    shut = true;
  }

  /** Facts of a subscription that was given up are none. */
  private void tell(Consumer<Inbox.Facts> change) {
    if (!shut) {
      inbox.tell(change);
    }
  }

  /** When the newest frame came; -1 before the first. Any thread. */
  long lastFrameNanos() {
    return lastFrameNanos;
  }

  @Override
  public void joined(String roomSid, String roomName, String participantSid) {
    tell(facts -> facts.roomSid = roomSid);
  }

  @Override
  public void subscribed(TrackDescription track) {
    tell(facts -> {
      facts.track = track;
      facts.flow = track.muted() ? Flow.MUTED : Flow.FLOWING;
      facts.repairing = false;
    });
  }

  @Override
  public void frame(Frame frame) {
    if (shut) {
      return;
    }
    int waiting = queue.add(frame);
    lastFrameNanos = frame.arrivalNanos;
    if (first) {
      first = false;
      tell(facts -> facts.firstFrame = true);
    }
    boolean high = waiting < 0 || waiting > WAKE_BYTES;
    if (high && !woken) {
      tell(_ -> {});
    }
    woken = high;
  }

  @Override
  public void flow(Flow flow) {
    tell(facts -> facts.flow = flow);
  }

  @Override
  public void reconnecting(boolean underWay) {
    tell(facts -> facts.repairing = underWay);
  }

  @Override
  public void ended(End end) {
    tell(facts -> facts.end = facts.end == null ? end : facts.end);
  }
}
