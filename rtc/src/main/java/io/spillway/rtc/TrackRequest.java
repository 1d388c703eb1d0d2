package io.spillway.rtc;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What to subscribe to, and how long to try.
 *
 * @param serverUrl of the LiveKit server: {@code ws://}, {@code wss://}, {@code http://} or {@code
 *     https://}, without path
 * @param token makes a fresh join token for each (re-)join; on a thread that may block. An {@link
 *     java.io.UncheckedIOException} counts as a lost connection and is tried again within {@code
 *     rejoinWindow}; anything else that it throws ends the subscription, {@link RoomGoneException}
 *     as {@link TrackEvents.Cause#ROOM_CLOSED}
 * @param trackSid the one track wanted
 * @param subscribeTimeout how long the track may take to appear and be subscribed after the join
 *     (LiveKit: 30 s)
 * @param rejoinWindow how long a lost connection may take to come back before {@link
 *     TrackEvents.Cause#CONNECTION_LOST}
 * @param followWindow how long to wait for the same participant to publish the same source again (a
 *     new sid) after the track was unpublished; zero: the track's end is the end
 * @param logged key-values of each log line about this subscription, by which its caller is known
 */
public record TrackRequest(
    String serverUrl,
    Supplier<String> token,
    String trackSid,
    Duration subscribeTimeout,
    Duration rejoinWindow,
    Duration followWindow,
    Map<String, String> logged) {
  /** Copies the map. */
  public TrackRequest {
    logged = Map.copyOf(logged);
  }

  /** A request whose log lines name the track only. */
  public TrackRequest(
      String serverUrl,
      Supplier<String> token,
      String trackSid,
      Duration subscribeTimeout,
      Duration rejoinWindow,
      Duration followWindow) {
    this(serverUrl, token, trackSid, subscribeTimeout, rejoinWindow, followWindow, Map.of());
  }
}
