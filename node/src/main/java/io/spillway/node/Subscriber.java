package io.spillway.node;

import io.spillway.core.token.TokenSigner;
import io.spillway.node.request.EgressTrace;
import io.spillway.node.request.TrackPlan;
import io.spillway.rtc.RoomGoneException;
import io.spillway.rtc.RtcEngine;
import io.spillway.rtc.TrackEvents;
import io.spillway.rtc.TrackRequest;
import io.spillway.rtc.TrackSubscription;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Turns a plan into a subscription: tokens of the recorder's own, windows from the settings. */
final class Subscriber {
  /** How long a track may take to be found again after a restart of the node. */
  static final Duration CONTINUE_WITHIN = Duration.ofSeconds(5);

  private final RtcEngine rtc;
  private final TokenSigner tokens;
  private final RoomCheck rooms;
  private final NodeSettings settings;

  Subscriber(RtcEngine rtc, TokenSigner tokens, RoomCheck rooms, NodeSettings settings) {
    this.rtc = rtc;
    this.tokens = tokens;
    this.rooms = rooms;
    this.settings = settings;
  }

  /**
   * Joins the room.
   *
   * @param beforeJoin run before each join, on a thread that may wait; what it throws ends the
   *     subscription
   */
  TrackSubscription subscribe(
      TrackPlan plan, EgressTrace trace, TrackEvents events, Runnable beforeJoin) {
    AtomicBoolean mayBeGone = new AtomicBoolean(plan.continues());
    return rtc.subscribe(
        new TrackRequest(
            plan.serverUrl(),
            () -> {
              beforeJoin.run();
              return token(plan, mayBeGone.getAndSet(true));
            },
            plan.trackId(),
            plan.continues() ? CONTINUE_WITHIN : settings.subscribeTimeout(),
            settings.rejoinWindow(),
            settings.followWindow(),
            trace.fields()),
        events);
  }

  /**
   * The first join follows the controller's look-up of the room; before any other the room is
   * looked up again, and the token is our own: the request's may have run out.
   */
  private String token(TrackPlan plan, boolean mayBeGone) {
    if (mayBeGone) {
      requireRoom(plan.roomName());
    }
    return mayBeGone || plan.token().isEmpty()
        ? tokens.egressParticipant(plan.egressId(), plan.roomName())
        : plan.token();
  }

  private void requireRoom(String roomName) {
    try {
      if (!rooms.exists(roomName)) {
        throw new RoomGoneException(roomName);
      }
    } catch (IOException nobodyTells) {
      throw new UncheckedIOException(nobodyTells);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException("the node is closing"));
    }
  }
}
