package io.spillway.rtc.session;

/** What can happen to a subscription. */
sealed interface SessionEvent {
  /** What the server's leave request asks for, from LiveKit's reason and action. */
  enum Leave {
    DUPLICATE_IDENTITY,
    REMOVED,
    ROOM_CLOSED,
    RESUME,
    REJOIN
  }

  /** Why the server refused the subscription. */
  enum Refusal {
    TRACK_NOT_FOUND,
    CODEC_UNSUPPORTED,
    OTHER
  }

  /** The time limits; each is set at most once at a time. */
  enum Clock {
    /** One step: a join, a negotiation, a resume, an ICE restart. */
    STEP,
    /** From the first join to the subscribed track. */
    START,
    /** The whole of a repair. */
    REPAIR,
    /** The pause before the next try. */
    BACK_OFF,
    /** How long a track may stay away. */
    FOLLOW
  }

  /** News of the signalling connection. */
  sealed interface SignalNews extends SessionEvent {}

  /** News of the track in the room. */
  sealed interface TrackNews extends SessionEvent {}

  /** News of the way the media takes. */
  sealed interface MediaNews extends SessionEvent {}

  /**
   * The server's JOIN.
   *
   * @param trackThere whether the track is published now
   * @param sameRoom whether the room has the sid it had before; true for the first join
   */
  record Joined(boolean trackThere, boolean sameRoom) implements SignalNews {}

  /** The server took signalling up again. */
  record Resumed() implements SignalNews {}

  /** Signalling broke, or didn't come about for a reason that may pass. */
  record SignalLost(String text) implements SignalNews {}

  /** The server refused the connection with a 4xx status. */
  record JoinRefused(int status, String text) implements SignalNews {}

  /** No token could be had: this recorder may not join any more. */
  record TokenRefused(String text) implements SignalNews {}

  /** The caller gave no token because the room is gone. */
  record RoomGone(String text) implements SignalNews {}

  /** The server asks us to leave. */
  record ServerLeft(Leave leave, String text) implements SignalNews {}

  record TrackAppeared() implements TrackNews {}

  record TrackUnpublished() implements TrackNews {}

  record PublisherLeft() implements TrackNews {}

  /** A codec we don't take. */
  record CodecUnknown(String mimeType) implements TrackNews {}

  record SubscriptionRefused(Refusal refusal) implements TrackNews {}

  /** The track has its media section. */
  record Negotiated() implements TrackNews {}

  /** A frame came: proof of negotiation that can overtake the signalling message. */
  record MediaSeen() implements MediaNews {}

  record TransportUp() implements MediaNews {}

  record TransportInterrupted() implements MediaNews {}

  record TransportRecovered() implements MediaNews {}

  record TransportFailed(String text) implements MediaNews {}

  record TimeUp(Clock clock) implements SessionEvent {}

  record CloseAsked() implements SessionEvent {}
}
