package io.spillway.node.recorder;

import io.spillway.core.egress.Failure;
import io.spillway.core.egress.Lifecycle.Event;
import io.spillway.node.recorder.Inbox.Facts;
import io.spillway.rtc.TrackEvents.Cause;
import io.spillway.rtc.TrackEvents.End;
import java.util.ArrayList;
import java.util.List;

/** What the facts mean for the life of the egress. Pure. */
final class Verdicts {
  private Verdicts() {}

  /**
   * Events that follow from the facts, the weightiest first: what comes after the first that ends
   * the egress changes nothing.
   *
   * @param again whether the subscription is another one than the first: a track that it does not
   *     find was there, and is gone
   */
  static List<Event> of(Facts facts, String trackId, boolean again) {
    List<Event> events = new ArrayList<>();
    if (facts.broken != null) {
      events.add(new Event.Broken(facts.broken));
    }
    if (facts.stopAsked) {
      events.add(new Event.StopAsked());
    }
    if (facts.limitReached) {
      events.add(new Event.LimitReached());
    }
    if (facts.end != null) {
      boolean gone = again && facts.end.cause() == Cause.TRACK_NOT_FOUND;
      events.add(gone ? new Event.SourceEnded() : of(facts.end, trackId));
    }
    if (facts.shutDown) {
      events.add(new Event.ShuttingDown());
    }
    return events;
  }

  /**
   * What the end of a subscription means, as livekit/egress pkg/pipeline/source/sdk.go has it where
   * it has it.
   */
  static Event of(End end, String trackId) {
    return switch (end.cause()) {
      case TRACK_UNPUBLISHED, PARTICIPANT_LEFT, ROOM_CLOSED, CLOSED -> new Event.SourceEnded();
      case DUPLICATE_IDENTITY -> new Event.Broken(Failure.evicted());
      case REMOVED -> new Event.Broken(Failure.removed());
      case TRACK_NOT_FOUND -> new Event.Broken(Failure.trackNotFound(trackId));
      case SUBSCRIPTION_FAILED -> new Event.Broken(Failure.subscriptionFailed(end.text()));
      case JOIN_FAILED ->
          new Event.Broken(new Failure(503, "could not join the room: " + end.text()));
      case CONNECTION_LOST -> new Event.Broken(Failure.connectionFailed());
    };
  }
}
