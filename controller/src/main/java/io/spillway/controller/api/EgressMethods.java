package io.spillway.controller.api;

import com.google.protobuf.Message;
import io.spillway.controller.dispatch.StopFlow;
import io.spillway.controller.dispatch.Trace;
import io.spillway.controller.idempotency.IdempotentStarts;
import io.spillway.controller.idempotency.StartCall;
import io.spillway.controller.request.StartRequest;
import io.spillway.controller.status.EgressLists;
import io.spillway.controller.webhook.RequestWebhooks;
import io.spillway.core.token.ApiKeys;
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
import java.util.Map;
import java.util.Optional;

/** The methods of Twirp's service livekit.Egress; all need the roomRecord grant. */
final class EgressMethods {
  private final Map<String, Method<?>> methods;

  EgressMethods(ApiKeys keys, IdempotentStarts starts, StopFlow stops, EgressLists lists) {
    this.methods =
        Map.ofEntries(
            method(
                "StartTrackEgress",
                TrackEgressRequest.getDefaultInstance(),
                (request, call) -> {
                  RequestWebhooks.check(request.getWebhooksList(), keys);
                  return starts.start(
                      call.start("StartTrackEgress", request),
                      new StartRequest.Track(request),
                      call.trace());
                }),
            method(
                "StartEgress",
                StartEgressRequest.getDefaultInstance(),
                (request, call) -> {
                  RequestWebhooks.check(request.getWebhooksList(), keys);
                  return starts.start(
                      call.start("StartEgress", request), StartRequest.ofV2(request), call.trace());
                }),
            method(
                "ListEgress",
                ListEgressRequest.getDefaultInstance(),
                (request, call) -> lists.list(request)),
            method(
                "StopEgress",
                StopEgressRequest.getDefaultInstance(),
                (request, call) -> stops.stop(request.getEgressId(), call.trace())),
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
        (request, call) -> {
          throw StartRequest.absent(name);
        });
  }

  /**
   * What comes with a request beside its message.
   *
   * @param apiKey that signed the token
   * @param idempotencyKey the client's own name for a start; empty: none
   */
  record Call(Trace trace, String apiKey, String idempotencyKey) {
    StartCall start(String method, Message request) {
      return StartCall.of(apiKey, idempotencyKey, method, request);
    }
  }

  /** Does the work of a method. */
  @FunctionalInterface
  interface Handler<Q extends Message> {
    Message handle(Q request, Call call) throws InterruptedException;
  }

  /** A method: how its request is read, and who handles it. */
  record Method<Q extends Message>(Q prototype, Handler<Q> handler) {
    /** Handles a request that was read with this method's prototype. */
    @SuppressWarnings("unchecked") // built from the prototype: it has its class
    Message handle(Message request, Call call) throws InterruptedException {
      return handler.handle((Q) request, call);
    }
  }
}
