package io.spillway.node.admission;

import io.spillway.core.fleet.Admission.Cost;

/** What a track carries, as far as its cost goes. */
public enum Kind {
  AUDIO,
  VIDEO;

  /**
   * By a track's sid, whose letter behind the prefix says what it is: {@code TR_A} for audio,
   * {@code TR_V} for video (livekit-server, {@code pkg/rtc/participant.go}). Anything else counts
   * as the dearer.
   */
  public static Kind ofTrack(String trackId) {
    return trackId.startsWith("TR_A") ? AUDIO : VIDEO;
  }

  /**
   * Before anything was learnt: what an Opus track and a 720p track were measured to cost, and some
   * more (docs/performance.md).
   */
  Cost firstGuess() {
    return switch (this) {
      case AUDIO -> new Cost(0.001, 1 << 20);
      case VIDEO -> new Cost(0.004, 2 << 20);
    };
  }
}
