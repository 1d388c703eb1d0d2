package io.spillway.controller.request;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressSourceType;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;

/** What a caller wants recorded, in the form that it came in and already checked. */
public sealed interface StartRequest {
  /** The room to record. */
  String roomName();

  /** The track that is copied. */
  String trackId();

  /** Puts the request, secrets and all, into the message for a node. */
  void putInto(io.spillway.protocol.rpc.StartEgressRequest.Builder message);

  /** Puts the request, without its secrets, into what the world may see. */
  void putRedactedInto(EgressInfo.Builder info);

  /** Words for a log line: what kind of request, of which track. */
  String summary();

  /**
   * A v2 request.
   *
   * @throws RpcException {@code invalid_argument} naming the field, or {@code unimplemented} for a
   *     sound request that needs more than a copy
   */
  static StartRequest ofV2(io.spillway.protocol.livekit.StartEgressRequest request) {
    if (StartRules.isPassthrough(request)) {
      return new Passthrough(request);
    }
    StartRules.checkEncoded(request);
    throw new RpcException(
        RpcCode.UNIMPLEMENTED,
        "StartEgress records with preset PASSTHROUGH only (one media track into one file);"
            + " encoding is not supported by this version of Spillway");
  }

  /** The refusal of what LiveKit has and we haven't: a method, or a kind of egress. */
  static RpcException absent(String what) {
    return new RpcException(
        RpcCode.UNIMPLEMENTED,
        what
            + " is not supported by this version of Spillway: it records single tracks"
            + " (StartTrackEgress, or StartEgress with preset PASSTHROUGH)");
  }

  /** One track copied into one file or WebSocket (API v1). */
  record Track(TrackEgressRequest request) implements StartRequest {
    /** Checks the request's fields. */
    public Track {
      StartRules.check(request);
    }

    @Override
    public String roomName() {
      return request.getRoomName();
    }

    @Override
    public String trackId() {
      return request.getTrackId();
    }

    @Override
    public void putInto(io.spillway.protocol.rpc.StartEgressRequest.Builder message) {
      message.setTrack(request);
    }

    @Override
    public void putRedactedInto(EgressInfo.Builder info) {
      info.setTrack(Redaction.of(request)).setSourceType(EgressSourceType.EGRESS_SOURCE_TYPE_SDK);
    }

    @Override
    public String summary() {
      return "track " + trackId();
    }
  }

  /** One track copied into one file (API v2, preset PASSTHROUGH). */
  record Passthrough(io.spillway.protocol.livekit.StartEgressRequest request)
      implements StartRequest {
    /** Checks the request's fields. */
    public Passthrough {
      StartRules.checkPassthrough(request);
    }

    @Override
    public String roomName() {
      return request.getRoomName();
    }

    @Override
    public String trackId() {
      return StartRules.passthroughTrack(request);
    }

    @Override
    public void putInto(io.spillway.protocol.rpc.StartEgressRequest.Builder message) {
      message.setEgress(request);
    }

    @Override
    public void putRedactedInto(EgressInfo.Builder info) {
      info.setEgress(Redaction.of(request)).setSourceType(EgressSourceType.EGRESS_SOURCE_TYPE_SDK);
    }

    @Override
    public String summary() {
      return "passthrough " + trackId();
    }
  }
}
