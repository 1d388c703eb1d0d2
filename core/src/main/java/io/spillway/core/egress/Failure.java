package io.spillway.core.egress;

/**
 * Why an egress failed or was refused, as EgressInfo shows it: LiveKit's texts and codes
 * (livekit/egress pkg/errors), and ours where it has none.
 *
 * @param code HTTP status that goes into {@code error_code}; 0 for an unknown cause, as LiveKit has
 *     it
 * @param text for people; goes into {@code error}
 */
public record Failure(int code, String text) {
  public static Failure trackNotFound(String trackId) {
    return new Failure(404, "track " + trackId + " not found");
  }

  public static Failure subscriptionFailed(String why) {
    return new Failure(503, "failed to subscribe to track" + (why.isEmpty() ? "" : ": " + why));
  }

  /** The connection was lost for good; what was recorded until then is kept. */
  public static Failure connectionFailed() {
    return new Failure(503, "recording ended early: connection to room failed");
  }

  /** The node's process died while recording; what was recorded until then is kept. */
  public static Failure nodeLost() {
    return new Failure(503, "recording ended early: node lost");
  }

  /** Another recorder joined the room under this egress's identity; this one must not come back. */
  public static Failure evicted() {
    return new Failure(409, "recording ended early: another recorder joined for this egress");
  }

  /** Whoever keeps the statuses has given the egress to another recorder. */
  public static Failure notWanted(String why) {
    return new Failure(409, "not wanted: " + why);
  }

  /** An administrator removed the recorder from the room. */
  public static Failure removed() {
    return new Failure(503, "recording ended early: the recorder was removed from the room");
  }

  /** The room was closed between its look-up and the join, which met another of that name. */
  public static Failure roomGone() {
    return new Failure(404, "requested room does not exist");
  }

  /** The end came before anything that plays. */
  public static Failure nothingRecorded(String trackId) {
    return new Failure(
        412, "nothing was recorded: no key frame of " + trackId + " arrived before the end");
  }

  public static Failure noSpaceLeft(String path) {
    return new Failure(429, "no space left on " + path);
  }

  public static Failure outputFailed(String path, String why) {
    return new Failure(500, "could not write " + path + ": " + why);
  }

  /** A defect of ours: it ends this egress only. */
  public static Failure internal(String what) {
    return new Failure(500, "internal error: " + what);
  }
}
