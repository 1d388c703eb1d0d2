package io.spillway.controller.request;

import io.spillway.core.egress.Passthrough;
import io.spillway.protocol.livekit.AudioConfig;
import io.spillway.protocol.livekit.EncodingOptionsPreset;
import io.spillway.protocol.livekit.MediaSource;
import io.spillway.protocol.livekit.Output;
import io.spillway.protocol.livekit.StartEgressRequest;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.util.List;

/**
 * Which requests are sound, in the words of livekit/egress (pkg/config/pipeline.go, output.go),
 * which name the field. Checked here so that a bad request costs no node anything; a node checks
 * again. Pure.
 *
 * <p>Two rules of ours: ids and names that no LiveKit server hands out (empty room, control
 * characters, spaces in a track id) are refused here by name instead of being searched for.
 */
final class StartRules {
  private static final int LONGEST_ID = 256;

  private StartRules() {}

  static void check(TrackEgressRequest request) {
    checkRoom(request.getRoomName());
    checkTrackId(request.getTrackId(), "track_id");
    if (request.getOutputCase() == TrackEgressRequest.OutputCase.OUTPUT_NOT_SET) {
      throw invalid("output");
    }
    if (request.getWebhooksCount() > 1) {
      throw invalid("webhooks");
    }
  }

  /** Whether a v2 request asks for a copy without encoding. */
  static boolean isPassthrough(StartEgressRequest request) {
    return request.getPreset() == EncodingOptionsPreset.PASSTHROUGH;
  }

  static void checkPassthrough(StartEgressRequest request) {
    String track = passthroughTrack(request);
    checkRoom(request.getRoomName());
    checkTrackId(track, "passthrough track_id");
    if (request.getWebhooksCount() > 1) {
      throw invalid("webhooks");
    }
  }

  /** The one track of a passthrough request. */
  static String passthroughTrack(StartEgressRequest request) {
    return switch (Passthrough.of(request)) {
      case Passthrough.Copy copy -> copy.trackId();
      case Passthrough.Invalid wrong -> throw invalid(wrong.field());
    };
  }

  /**
   * Refuses what is wrong in any v2 request; what is left is sound but may need what this version
   * doesn't have.
   */
  static void checkEncoded(StartEgressRequest request) {
    switch (request.getSourceCase()) {
      case TEMPLATE -> {
        if (request.getTemplate().getAudioOnly() && request.getTemplate().getVideoOnly()) {
          throw invalid("audio_only and video_only");
        }
      }
      case WEB -> {
        if (!request.getWeb().getUrl().matches("https?://.+")) {
          throw invalid("web url");
        }
        if (request.getWeb().getAudioOnly() && request.getWeb().getVideoOnly()) {
          throw invalid("audio_only and video_only");
        }
      }
      case MEDIA -> {
        AudioConfig audio = request.getMedia().getAudio();
        boolean hasAudio = audio.getCaptureAll() || audio.getRoutesCount() > 0;
        if (!hasAudio && request.getMedia().getVideoCase() == MediaSource.VideoCase.VIDEO_NOT_SET) {
          throw invalid("audio or video");
        }
      }
      case SOURCE_NOT_SET -> throw invalid("source");
    }
    checkOutputs(request.getOutputsList());
  }

  private static void checkOutputs(List<Output> outputs) {
    if (outputs.isEmpty()) {
      throw invalid("output");
    }
    if (outputs.stream().anyMatch(o -> o.getConfigCase() == Output.ConfigCase.CONFIG_NOT_SET)) {
      throw invalid("output config");
    }
    refuseSeveral(outputs, Output.ConfigCase.FILE, "multiple file outputs");
    refuseSeveral(outputs, Output.ConfigCase.STREAM, "multiple stream outputs");
    refuseSeveral(outputs, Output.ConfigCase.SEGMENTS, "multiple segmented file outputs");
  }

  private static void refuseSeveral(List<Output> outputs, Output.ConfigCase kind, String field) {
    if (outputs.stream().filter(output -> output.getConfigCase() == kind).count() > 1) {
      throw invalid(field);
    }
  }

  private static void checkRoom(String name) {
    if (name.isEmpty() || hasControlCharacter(name)) {
      throw invalid("room_name");
    }
  }

  private static void checkTrackId(String id, String field) {
    boolean odd = id.chars().anyMatch(c -> c <= ' ' || c == 127 || c == '/' || c == '\\');
    if (id.isEmpty() || odd || id.length() > LONGEST_ID) {
      throw invalid(field);
    }
  }

  private static boolean hasControlCharacter(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }

  static RpcException invalid(String field) {
    return new RpcException(
        RpcCode.INVALID_ARGUMENT, "request has missing or invalid field: " + field);
  }
}
