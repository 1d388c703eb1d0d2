package io.spillway.rtc.session;

import io.spillway.rtc.TrackEvents.End;

/** Where a subscription stands. {@link SessionMachine} lists the transitions. */
sealed interface SessionState {
  /**
   * What the states of one subscription carry along.
   *
   * @param received whether the track was subscribed once: from then on failures are repaired
   * @param attempt joins (or resumes) that failed in a row
   * @param ifTooLate the end when the time for what is under way runs out
   */
  record Progress(boolean received, int attempt, End ifTooLate) {
    Progress failedAgain() {
      return new Progress(received, attempt + 1, ifTooLate);
    }

    Progress ifTooLate(End end) {
      return new Progress(received, attempt, end);
    }

    Progress whole() {
      return new Progress(true, 0, ifTooLate);
    }
  }

  Progress progress();

  /** Opening signalling and waiting for the JOIN. */
  record Joining(Progress progress) implements SessionState {}

  /** In the room; the track isn't. */
  record WaitingForTrack(Progress progress, boolean transportUp) implements SessionState {}

  /** Asked for the track; its media section and the transport are under way. */
  record Subscribing(Progress progress, boolean transportUp, boolean negotiated)
      implements SessionState {}

  /**
   * All is well.
   *
   * @param resumed signalling was resumed once: see {@link SessionMachine} for what that forbids
   */
  record Receiving(Progress progress, boolean resumed) implements SessionState {}

  /** Signalling broke, media goes on: taking signalling up again. */
  record Resuming(Progress progress) implements SessionState {}

  /** Media broke, signalling goes on: new ICE credentials. */
  record RestartingIce(Progress progress) implements SessionState {}

  /** The server closed the media connection: signalling may be about to say why. */
  record Doubting(Progress progress, String why) implements SessionState {}

  /** Waiting before the next join. */
  record BackingOff(Progress progress) implements SessionState {}

  /** The track is gone; its publisher may publish it again. */
  record Following(Progress progress, boolean transportUp) implements SessionState {}

  /** Over. */
  record Ended(Progress progress, End end) implements SessionState {}
}
