package io.spillway.controller.request;

import io.spillway.protocol.livekit.Output;
import io.spillway.protocol.livekit.SegmentedFileOutput;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.protocol.rpc.StartEgressRequest;

/**
 * Whether a livekit/egress node takes a request once more, under a later epoch: it refuses an
 * explicit name without {@code {retry}}, because it would overwrite what the first try wrote
 * (livekit/egress pkg/config, output_file.go and output_segment.go). Our own nodes find a free
 * name.
 */
public final class RepeatableNames {
  private static final String RETRY = "{retry}";

  private RepeatableNames() {}

  /** Of a request as it goes to nodes. */
  public static boolean of(StartEgressRequest request) {
    return switch (request.getRequestCase()) {
      case TRACK -> ofTrack(request.getTrack());
      case EGRESS ->
          request.getEgress().getOutputsList().stream().allMatch(RepeatableNames::ofOutput);
      // Not started by this version; so nothing is known of a second try either.
      case ROOM_COMPOSITE, TRACK_COMPOSITE, WEB, PARTICIPANT, REPLAY, REQUEST_NOT_SET -> false;
    };
  }

  private static boolean ofTrack(TrackEgressRequest track) {
    return switch (track.getOutputCase()) {
      case FILE -> isSafe(track.getFile().getFilepath());
      case WEBSOCKET_URL, OUTPUT_NOT_SET -> true;
    };
  }

  private static boolean ofOutput(Output output) {
    return switch (output.getConfigCase()) {
      case FILE -> isSafe(output.getFile().getFilepath());
      case SEGMENTS -> ofSegments(output.getSegments());
      case STREAM, IMAGES, CONFIG_NOT_SET -> true;
    };
  }

  private static boolean ofSegments(SegmentedFileOutput segments) {
    String prefix = segments.getFilenamePrefix();
    String playlist = segments.getPlaylistName();
    return prefix.isEmpty()
        ? playlist.isEmpty() || playlist.contains(RETRY)
        : prefix.contains(RETRY);
  }

  private static boolean isSafe(String path) {
    return path.isEmpty() || path.endsWith("/") || path.contains(RETRY);
  }
}
