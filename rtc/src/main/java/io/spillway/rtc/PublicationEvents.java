package io.spillway.rtc;

import java.util.List;

/** What happens to a publication. All on one selector thread: be short, never block. */
public interface PublicationEvents {
  /**
   * The server took all tracks and the connection is up: frames may be written.
   *
   * @param participantSid this participant's id
   * @param trackSids one for each track of the request, in its order
   */
  void published(String participantSid, List<String> trackSids);

  /** A subscriber of track number {@code track} needs a key frame. */
  void keyFrameWanted(int track);

  /** It is over, once and last. Publications aren't repaired: publish anew. */
  void ended(TrackEvents.End end);
}
