package io.spillway.controller.api;

import com.google.protobuf.Message;
import io.spillway.controller.dispatch.StartFlow;
import io.spillway.controller.dispatch.StopFlow;
import io.spillway.controller.dispatch.Trace;
import io.spillway.controller.request.StartRequest;
import io.spillway.controller.status.EgressLists;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.livekit.ParticipantEgressRequest;
import io.spillway.protocol.livekit.RoomCompositeEgressRequest;
import io.spillway.protocol.livekit.StartEgressRequest;
import io.spillway.protocol.livekit.StopEgressRequest;
import io.spillway.protocol.livekit.TrackCompositeEgressRequest;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.protocol.livekit.UpdateLayoutRequest;
import io.spillway.protocol.livekit.UpdateStreamRequest;
import io.spillway.protocol.livekit.WebEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.util.Map;
import java.util.Optional;

/** The methods of Twirp's service livekit.Egress; all need the roomRecord grant. */
final class EgressMethods {
  private final Map<String, Method<?>> methods;

  EgressMethods(StartFlow starts, StopFlow stops, EgressLists lists) {
    this.methods =
        Map.ofEntries(
            method(
                "StartTrackEgress",
                TrackEgressRequest.getDefaultInstance(),
                (request, trace) -> starts.start(new StartRequest.Track(request), trace)),
            method(
                "StartEgress",
                StartEgressRequest.getDefaultInstance(),
                (request, trace) -> starts.start(StartRequest.ofV2(request), trace)),
            method(
                "ListEgress",
                ListEgressRequest.getDefaultInstance(),
                (request, trace) -> lists.list(request)),
            method(
                "StopEgress",
                StopEgressRequest.getDefaultInstance(),
                (request, trace) -> stops.stop(request.getEgressId(), trace)),
            absent("StartRoomCompositeEgress", RoomCompositeEgressRequest.getDefaultInstance()),
            absent("StartWebEgress", WebEgressRequest.getDefaultInstance()),
            absent("StartParticipantEgress", ParticipantEgressRequest.getDefaultInstance()),
            absent("StartTrackCompositeEgress", TrackCompositeEgressRequest.getDefaultInstance()),
            absent("UpdateLayout", UpdateLayoutRequest.getDefaultInstance()),
            absent("UpdateStream", UpdateStreamRequest.getDefaultInstance()));
  }

  /** The method of this name. */
  Optional<Method<?>> find(String name) {
    return Optional.ofNullable(methods.get(name));
  }

  private static <Q extends Message> Map.Entry<String, Method<?>> method(
      String name, Q prototype, Handler<Q> handler) {
    return Map.entry(name, new Method<>(prototype, handler));
  }

  private static <Q extends Message> Map.Entry<String, Method<?>> absent(String name, Q prototype) {
    return method(
        name,
        prototype,
        (request, trace) -> {
          throw new RpcException(
              RpcCode.UNIMPLEMENTED,
              name
                  + " is not supported by this version of Spillway: it records single tracks"
                  + " (StartTrackEgress, or StartEgress with preset PASSTHROUGH)");
        });
  }

  /** Does the work of a method. */
  @FunctionalInterface
  interface Handler<Q extends Message> {
    Message handle(Q request, Trace trace) throws InterruptedException;
  }

  /** A method: how its request is read, and who handles it. */
  record Method<Q extends Message>(Q prototype, Handler<Q> handler) {
    /** Handles a request that was read with this method's prototype. */
    @SuppressWarnings("unchecked") // built from the prototype: it has its class
    Message handle(Message request, Trace trace) throws InterruptedException {
      return handler.handle((Q) request, trace);
    }
  }
}
