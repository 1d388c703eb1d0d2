package io.spillway.rtc;

/** One track being received by a participant of its own. Thread-safe. */
public interface TrackSubscription extends AutoCloseable {
  /**
   * Asks the publisher for a key frame (PLI), at most a few times per second whoever asks. Does
   * nothing for audio.
   */
  void requestKeyFrame();

  /** What was received so far. */
  ReceptionStats stats();

  /**
   * Leaves the room: waits for packets that were lost a moment ago and are asked for (at most 300
   * ms; not at all where none is missing), then frames that are whole still come, then {@link
   * TrackEvents#ended} with {@link TrackEvents.Cause#CLOSED} unless another end came first. Returns
   * at once.
   */
  @Override
  void close();
}
