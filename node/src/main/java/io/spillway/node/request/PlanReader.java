package io.spillway.node.request;

import io.spillway.core.egress.Passthrough;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressSourceType;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.EncodingOptionsPreset;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.protocol.livekit.Output;
import io.spillway.protocol.livekit.StorageConfig;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.util.List;

/**
 * Reads a start request into a plan. Pure.
 *
 * <p>Rules and texts as livekit/egress pkg/config/pipeline.go: a v1 Track request, or a v2 request
 * with preset PASSTHROUGH, one media track and one file. What this node can't do yet is refused as
 * {@code unimplemented}, never accepted and failed later.
 */
public final class PlanReader {
  private final String defaultServerUrl;

  /** {@code defaultServerUrl} is joined when the request names no {@code ws_url}. */
  public PlanReader(String defaultServerUrl) {
    this.defaultServerUrl = defaultServerUrl;
  }

  /**
   * The plan of a request.
   *
   * @throws RpcException {@code invalid_argument} with the field's name, or {@code unimplemented}
   *     with what is missing
   */
  public TrackPlan read(StartEgressRequest request, long nowUnixNanos) {
    requirePresent(request.getEgressId(), "egress_id");
    return switch (request.getRequestCase()) {
      case TRACK -> trackPlan(request, request.getTrack(), nowUnixNanos);
      case EGRESS -> passthroughPlan(request, request.getEgress(), nowUnixNanos);
      case ROOM_COMPOSITE -> throw unimplemented("RoomComposite egress");
      case WEB -> throw unimplemented("Web egress");
      case PARTICIPANT -> throw unimplemented("Participant egress");
      case TRACK_COMPOSITE -> throw unimplemented("TrackComposite egress");
      case REPLAY -> throw unimplemented("Replay export");
      case REQUEST_NOT_SET -> throw invalid("request");
    };
  }

  private TrackPlan trackPlan(StartEgressRequest request, TrackEgressRequest track, long now) {
    requirePresent(track.getTrackId(), "track_id");
    switch (track.getOutputCase()) {
      case FILE -> requireLocal(track.getFile());
      case WEBSOCKET_URL -> throw unimplemented("WebSocket output of a track");
      case OUTPUT_NOT_SET -> throw invalid("output");
    }
    EgressInfo.Builder info = info(request, track.getRoomName(), now).setTrack(track);
    return plan(
        request,
        track.getTrackId(),
        track.getFile().getFilepath(),
        track.getFile().getDisableManifest(),
        info);
  }

  private TrackPlan passthroughPlan(
      StartEgressRequest request,
      io.spillway.protocol.livekit.StartEgressRequest egress,
      long now) {
    if (!egress.hasPreset() || egress.getPreset() != EncodingOptionsPreset.PASSTHROUGH) {
      throw unimplemented("StartEgress with any preset but PASSTHROUGH");
    }
    Passthrough.Copy copy =
        switch (Passthrough.of(egress)) {
          case Passthrough.Copy sound -> sound;
          case Passthrough.Invalid wrong -> throw invalid(wrong.field());
        };
    Output output = copy.output();
    if (isRemote(output.getStorage()) || isRemote(egress.getStorage())) {
      throw unimplemented("upload to cloud storage");
    }
    EgressInfo.Builder info = info(request, egress.getRoomName(), now).setEgress(egress);
    return plan(
        request,
        copy.trackId(),
        output.getFile().getFilepath(),
        output.getFile().getDisableManifest(),
        info);
  }

  private TrackPlan plan(
      StartEgressRequest request,
      String trackId,
      String filepath,
      boolean disableManifest,
      EgressInfo.Builder info) {
    requirePresent(info.getRoomName(), "room_name");
    String serverUrl = request.getWsUrl().isEmpty() ? defaultServerUrl : request.getWsUrl();
    requirePresent(serverUrl, "ws_url");
    return new TrackPlan(
        request.getEgressId(),
        request.getRetryCount() + 1,
        info.getRoomName(),
        request.getRoomId(),
        trackId,
        serverUrl,
        request.getToken(),
        filepath,
        disableManifest,
        request.toByteString(),
        info.build(),
        List.of(),
        false);
  }

  private static EgressInfo.Builder info(StartEgressRequest request, String roomName, long now) {
    return EgressInfo.newBuilder()
        .setEgressId(request.getEgressId())
        .setRoomId(request.getRoomId())
        .setRoomName(roomName.isEmpty() ? request.getRoomName() : roomName)
        .setRetryCount(request.getRetryCount())
        .setSourceType(EgressSourceType.EGRESS_SOURCE_TYPE_SDK)
        .setStatus(EgressStatus.EGRESS_STARTING)
        .setStartedAt(now)
        .setUpdatedAt(now)
        .addFileResults(FileInfo.getDefaultInstance());
  }

  private static void requireLocal(DirectFileOutput file) {
    if (file.getOutputCase() != DirectFileOutput.OutputCase.OUTPUT_NOT_SET) {
      throw unimplemented("upload to cloud storage");
    }
  }

  private static boolean isRemote(StorageConfig storage) {
    return storage.getProviderCase() != StorageConfig.ProviderCase.PROVIDER_NOT_SET;
  }

  private static void requirePresent(String value, String field) {
    if (value.isEmpty()) {
      throw invalid(field);
    }
  }

  private static RpcException invalid(String field) {
    return new RpcException(
        RpcCode.INVALID_ARGUMENT, "request has missing or invalid field: " + field);
  }

  private static RpcException unimplemented(String what) {
    return new RpcException(
        RpcCode.UNIMPLEMENTED, what + " is not implemented by this egress node yet");
  }
}
