package io.spillway.rtc;

import io.spillway.core.media.Codec;
import java.util.List;
import java.util.function.Supplier;

/**
 * Tracks of pre-encoded frames to publish, all by one participant.
 *
 * @param serverUrl as in {@link TrackRequest}; the server must know {@code /rtc/v1}
 * @param token makes the join token; it must allow to publish
 */
public record PublishRequest(String serverUrl, Supplier<String> token, List<Track> tracks) {
  /** Most tracks of one participant. */
  public static final int MAX_TRACKS = 64;

  /** Copies and checks the list. */
  public PublishRequest {
    tracks = List.copyOf(tracks);
    if (tracks.isEmpty() || tracks.size() > MAX_TRACKS) {
      throw new IllegalArgumentException(
          "between 1 and " + MAX_TRACKS + " tracks, were " + tracks.size());
    }
  }

  /**
   * One track.
   *
   * @param source {@code camera}, {@code microphone}, {@code screen_share}, {@code
   *     screen_share_audio} or {@code unknown}
   * @param width picture size, 0 for audio
   * @param stereo for audio
   */
  public record Track(
      String name, Codec codec, String source, int width, int height, boolean stereo) {}
}
