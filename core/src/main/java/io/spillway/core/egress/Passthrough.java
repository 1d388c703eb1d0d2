package io.spillway.core.egress;

import io.spillway.protocol.livekit.AudioConfig;
import io.spillway.protocol.livekit.AudioRoute;
import io.spillway.protocol.livekit.EncodedFileType;
import io.spillway.protocol.livekit.MediaSource;
import io.spillway.protocol.livekit.Output;
import io.spillway.protocol.livekit.StartEgressRequest;
import java.util.Optional;

/**
 * What a v2 request with preset PASSTHROUGH asks for: one media track, named by its id, in one file
 * of the codec's own container. The rules and the names of the fields are those of livekit/egress
 * (pkg/config/pipeline.go); a controller refuses by them, and a node once more. Pure.
 */
public sealed interface Passthrough {
  /** It is sound: this track into this file. */
  record Copy(String trackId, Output output) implements Passthrough {}

  /** A field is missing, or asks for more than a copy. */
  record Invalid(String field) implements Passthrough {}

  /** Reads a request. Where several fields are wrong the first one is told. */
  static Passthrough of(StartEgressRequest request) {
    if (!request.hasMedia()) {
      return new Invalid("passthrough source");
    }
    MediaSource media = request.getMedia();
    Optional<String> wrong =
        wrongVideo(media)
            .or(() -> wrongAudio(media.getAudio()))
            .or(() -> trackId(media).isEmpty() ? Optional.of("track_id") : Optional.empty())
            .or(() -> wrongOutput(request));
    return wrong.isPresent()
        ? new Invalid("passthrough " + wrong.get())
        : new Copy(trackId(media), request.getOutputs(0));
  }

  private static Optional<String> wrongVideo(MediaSource media) {
    return switch (media.getVideoCase()) {
      case PARTICIPANT_VIDEO -> Optional.of("participant_video");
      case VIDEO_TRACK_ID ->
          media.getVideoTrackId().isEmpty() ? Optional.of("video_track_id") : Optional.empty();
      case VIDEO_NOT_SET -> Optional.empty();
    };
  }

  private static Optional<String> wrongAudio(AudioConfig audio) {
    if (audio.getCaptureAll()) {
      return Optional.of("capture_all");
    }
    if (audio.getRoutesCount() > 1) {
      return Optional.of("audio routes");
    }
    if (audio.getRoutesCount() == 0) {
      return Optional.empty();
    }
    AudioRoute route = audio.getRoutes(0);
    if (!route.hasTrackId()) {
      return Optional.of("audio route match");
    }
    return route.getTrackId().isEmpty() ? Optional.of("audio route track_id") : Optional.empty();
  }

  /** The one track; empty when there is none, or one of each kind. */
  private static String trackId(MediaSource media) {
    String video = media.getVideoTrackId();
    String audio =
        media.getAudio().getRoutesCount() == 0 ? "" : media.getAudio().getRoutes(0).getTrackId();
    return video.isEmpty() || audio.isEmpty() ? video + audio : "";
  }

  private static Optional<String> wrongOutput(StartEgressRequest request) {
    if (request.getOutputsCount() != 1) {
      return Optional.of("outputs");
    }
    Output output = request.getOutputs(0);
    if (!output.hasFile()) {
      return Optional.of("output");
    }
    return output.getFile().getFileType() == EncodedFileType.DEFAULT_FILETYPE
        ? Optional.empty()
        : Optional.of("file_type");
  }
}
