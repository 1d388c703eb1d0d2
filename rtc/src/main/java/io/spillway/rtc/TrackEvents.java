package io.spillway.rtc;

/**
 * What happens to a subscribed track, in order. {@link #frame} comes on the engine's selector
 * thread, which serves all tracks of a node: it must return in microseconds, never block, never
 * throw. The others come on the same thread, and are as short. After {@link #ended} nothing more
 * comes.
 */
public interface TrackEvents {
  /** The room was joined: its server-given id, its name, and this participant's own id. */
  void joined(String roomSid, String roomName, String participantSid);

  /**
   * The SFU accepted the subscription and the track's properties are known; frames may follow at
   * any time (not while muted).
   */
  void subscribed(TrackDescription track);

  /** A frame, in decoding order. */
  void frame(Frame frame);

  /**
   * The publisher muted or unmuted the track, or the SFU paused or resumed it for this subscriber.
   */
  void flow(Flow flow);

  /**
   * The connection is being repaired (true) or is whole again (false). Frames stop and go on
   * meanwhile; nothing needs doing.
   */
  void reconnecting(boolean underWay);

  /** It is over, for the one cause given. */
  void ended(End end);

  /** Whether media is expected to arrive. */
  enum Flow {
    FLOWING,
    MUTED,
    PAUSED_BY_SFU
  }

  /** Why a subscription ended, with a text for people. */
  record End(Cause cause, String text) {}

  /** The causes, from LiveKit's DisconnectReason, SubscriptionError and the transport. */
  enum Cause {
    /** The publisher took the track back. */
    TRACK_UNPUBLISHED,
    /** The publishing participant left the room. */
    PARTICIPANT_LEFT,
    /** The room was closed or deleted (ROOM_DELETED, ROOM_CLOSED). */
    ROOM_CLOSED,
    /**
     * Another participant joined with this identity: this recorder was fenced off and must not come
     * back.
     */
    DUPLICATE_IDENTITY,
    /** An administrator removed the recorder (PARTICIPANT_REMOVED). */
    REMOVED,
    /** No such track was published within the subscribe time-out. */
    TRACK_NOT_FOUND,
    /** The SFU refused the subscription, or its codec isn't one we take. */
    SUBSCRIPTION_FAILED,
    /** The first join failed: address, token, ICE, DTLS. */
    JOIN_FAILED,
    /** The connection was lost and could not be made whole within the reconnect window. */
    CONNECTION_LOST,
    /** {@link TrackSubscription#close} was called. */
    CLOSED
  }
}
