package io.spillway.bench.tracks;

import io.spillway.bench.stage.Stage;

/** Which of the room's two tracks is recorded. */
enum Kind {
  AUDIO,
  VIDEO;

  String track(Stage.Parts stage) {
    return switch (this) {
      case AUDIO -> stage.soundTrack();
      case VIDEO -> stage.pictureTrack();
    };
  }

  /** For tables. */
  String label() {
    return switch (this) {
      case AUDIO -> "audio";
      case VIDEO -> "720p";
    };
  }
}
