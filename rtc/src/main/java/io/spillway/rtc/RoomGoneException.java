package io.spillway.rtc;

/**
 * Thrown by {@link TrackRequest#token} when the room doesn't exist any more: the subscription ends
 * as {@link TrackEvents.Cause#ROOM_CLOSED} instead of joining, because livekit-server opens a
 * missing room for whoever joins it.
 */
public final class RoomGoneException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Names the room. */
  public RoomGoneException(String roomName) {
    super("room " + roomName + " does not exist any more");
  }
}
