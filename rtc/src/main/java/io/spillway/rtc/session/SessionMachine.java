package io.spillway.rtc.session;

import io.spillway.rtc.TrackEvents.Cause;
import io.spillway.rtc.TrackEvents.End;
import io.spillway.rtc.session.SessionEffect.DropSignal;
import io.spillway.rtc.session.SessionEffect.DropTransport;
import io.spillway.rtc.session.SessionEffect.Finish;
import io.spillway.rtc.session.SessionEffect.Join;
import io.spillway.rtc.session.SessionEffect.Pause;
import io.spillway.rtc.session.SessionEffect.RestartIce;
import io.spillway.rtc.session.SessionEffect.Resume;
import io.spillway.rtc.session.SessionEffect.Start;
import io.spillway.rtc.session.SessionEffect.Stop;
import io.spillway.rtc.session.SessionEffect.Subscribe;
import io.spillway.rtc.session.SessionEffect.TellReconnecting;
import io.spillway.rtc.session.SessionEffect.TellSubscribed;
import io.spillway.rtc.session.SessionEvent.Clock;
import io.spillway.rtc.session.SessionEvent.CloseAsked;
import io.spillway.rtc.session.SessionEvent.CodecUnknown;
import io.spillway.rtc.session.SessionEvent.JoinRefused;
import io.spillway.rtc.session.SessionEvent.Joined;
import io.spillway.rtc.session.SessionEvent.MediaNews;
import io.spillway.rtc.session.SessionEvent.MediaSeen;
import io.spillway.rtc.session.SessionEvent.Negotiated;
import io.spillway.rtc.session.SessionEvent.PublisherLeft;
import io.spillway.rtc.session.SessionEvent.Refusal;
import io.spillway.rtc.session.SessionEvent.Resumed;
import io.spillway.rtc.session.SessionEvent.RoomGone;
import io.spillway.rtc.session.SessionEvent.ServerLeft;
import io.spillway.rtc.session.SessionEvent.SignalLost;
import io.spillway.rtc.session.SessionEvent.SignalNews;
import io.spillway.rtc.session.SessionEvent.SubscriptionRefused;
import io.spillway.rtc.session.SessionEvent.TimeUp;
import io.spillway.rtc.session.SessionEvent.TokenRefused;
import io.spillway.rtc.session.SessionEvent.TrackAppeared;
import io.spillway.rtc.session.SessionEvent.TrackNews;
import io.spillway.rtc.session.SessionEvent.TrackUnpublished;
import io.spillway.rtc.session.SessionEvent.TransportFailed;
import io.spillway.rtc.session.SessionEvent.TransportInterrupted;
import io.spillway.rtc.session.SessionEvent.TransportRecovered;
import io.spillway.rtc.session.SessionEvent.TransportUp;
import io.spillway.rtc.session.SessionState.BackingOff;
import io.spillway.rtc.session.SessionState.Doubting;
import io.spillway.rtc.session.SessionState.Ended;
import io.spillway.rtc.session.SessionState.Following;
import io.spillway.rtc.session.SessionState.Joining;
import io.spillway.rtc.session.SessionState.Progress;
import io.spillway.rtc.session.SessionState.Receiving;
import io.spillway.rtc.session.SessionState.RestartingIce;
import io.spillway.rtc.session.SessionState.Resuming;
import io.spillway.rtc.session.SessionState.Subscribing;
import io.spillway.rtc.session.SessionState.WaitingForTrack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The life of one subscription as a pure function. One file, so that every transition is seen
 * beside the others, although that makes it long.
 *
 * <pre>
 * Joining          → WaitingForTrack | Subscribing   JOIN came, without or with the track
 *                  → BackingOff                      anything that may pass: at most 3 tries at first
 * WaitingForTrack  → Subscribing                     the track appeared
 * Subscribing      → Receiving                       transport up and track negotiated, or a frame came
 * Receiving        → Resuming                        signalling broke, media goes on
 *                  → RestartingIce                   media broke, signalling goes on
 *                  → BackingOff                      both broke, or the server asks for a re-join
 * Resuming         → Receiving | BackingOff          taken up again | not in 3 tries, or media broke
 * any after JOIN   → Doubting                        the transport failed, signalling goes on
 * Doubting         → BackingOff                      the server gave no reason in time
 * RestartingIce    → Receiving | BackingOff          media goes on | not in time, or signalling broke
 * BackingOff       → Joining                         the pause is over
 * any              → Following                       the track went, and followWindow isn't zero
 * Following        → Subscribing | BackingOff        published again | the connection broke
 * any              → Ended                           see {@link Cause}
 * </pre>
 *
 * <p>A resume or an ICE restart is tried only while the other half still works. livekit-server
 * (1.13) resumes by identity, not by the participant's sid: a recorder that was cut off, replaced
 * by another of the same identity, and then resumed would take over the other's signalling and
 * could restart the other's ICE. While its own media flows it can't have been replaced, because the
 * server closes a replaced participant's transport. For the same reason media that breaks after a
 * resume leads to a full re-join, before which the caller is asked for a token and can refuse.
 *
 * <p>A server that evicts a participant closes its DTLS at once, and that news travels faster than
 * the leave request with the reason: a transport that fails under live signalling is therefore
 * given a moment before the re-join, which the reason may forbid.
 */
final class SessionMachine {
  static final Duration JOIN_LIMIT = Duration.ofSeconds(10);
  static final Duration NEGOTIATION_LIMIT = Duration.ofSeconds(10);
  static final Duration RESUME_LIMIT = Duration.ofSeconds(5);
  static final Duration ICE_RESTART_LIMIT = Duration.ofSeconds(8);
  static final Duration REASON_LIMIT = Duration.ofSeconds(1);
  static final int FIRST_JOINS = 3;
  static final int RESUMES = 3;
  private static final String INTERRUPTED = "the server stopped answering on the media connection";

  /** The caller's limits. */
  record Limits(Duration subscribe, Duration rejoin, Duration follow) {
    boolean follows() {
      return !follow.isZero() && !follow.isNegative();
    }

    boolean repairs() {
      return !rejoin.isZero() && !rejoin.isNegative();
    }
  }

  /** The next state and what to do. */
  record Step(SessionState state, List<SessionEffect> effects) {
    Step {
      effects = List.copyOf(effects);
    }
  }

  private final Limits limits;

  SessionMachine(Limits limits) {
    this.limits = limits;
  }

  Step begin() {
    End late = new End(Cause.TRACK_NOT_FOUND, "the track was not published in time");
    return new Step(new Joining(new Progress(false, 0, late)), List.of(new Join()));
  }

  /** What follows from {@code event} in {@code state}. */
  Step next(SessionState state, SessionEvent event) {
    if (state instanceof Ended) {
      return stay(state); // a late event changes nothing
    }
    return switch (event) {
      case CloseAsked _ -> end(Cause.CLOSED, "closed", state);
      case TimeUp late -> timeUp(state, late.clock());
      case SignalNews news -> signal(state, news);
      case TrackNews news -> track(state, news);
      case MediaNews news -> media(state, news);
    };
  }

  // Signalling

  private Step signal(SessionState state, SignalNews news) {
    return switch (news) {
      case Joined joined -> joined(state, joined);
      case Resumed _ ->
          state instanceof Resuming resuming
              ? whole(resuming.progress(), true, List.of())
              : stay(state);
      case SignalLost lost -> signalLost(state, lost.text());
      case JoinRefused refused -> joinRefused(state, refused);
      case TokenRefused refused ->
          end(joinCause(state), "no token to join with: " + refused.text(), state);
      case RoomGone gone -> end(Cause.ROOM_CLOSED, gone.text(), state);
      case ServerLeft left -> serverLeft(state, left);
    };
  }

  private Step joined(SessionState state, Joined joined) {
    if (!(state instanceof Joining joining)) {
      return stay(state);
    }
    List<SessionEffect> effects = new ArrayList<>();
    Progress progress = joining.progress();
    if (!progress.received()) {
      effects.add(new Start(Clock.START, limits.subscribe()));
    }
    if (joined.trackThere()) {
      effects.add(new Start(Clock.STEP, NEGOTIATION_LIMIT));
      effects.add(new Subscribe());
      return new Step(new Subscribing(progress, false, false), effects);
    }
    effects.add(new Stop(Clock.STEP));
    return new Step(
        new WaitingForTrack(progress.ifTooLate(absent(progress, joined)), false), effects);
  }

  /** What a track's absence after a (re-)join means when it lasts. */
  private static End absent(Progress progress, Joined joined) {
    if (!progress.received()) {
      return new End(Cause.TRACK_NOT_FOUND, "the track is not published in the room");
    }
    return joined.sameRoom()
        ? new End(Cause.TRACK_UNPUBLISHED, "the track was gone after the connection was repaired")
        : new End(Cause.ROOM_CLOSED, "the room was closed and opened anew while we were cut off");
  }

  private Step signalLost(SessionState state, String text) {
    return switch (state) {
      case Joining s -> again(s.progress(), text);
      case WaitingForTrack s -> again(s.progress(), text);
      case Subscribing s -> again(s.progress(), text);
      case Receiving s -> resume(s.progress(), text);
      case Resuming s -> resumeFailed(s, text);
      case RestartingIce s -> rejoin(s, text);
      case Doubting s -> again(s, text);
      case BackingOff s -> stay(s);
      case Following s -> rejoin(s, text);
      case Ended s -> stay(s);
    };
  }

  private Step joinRefused(SessionState state, JoinRefused refused) {
    String text = "the server refused the join: " + refused.text();
    if (state instanceof Resuming resuming) {
      return rejoin(resuming, text);
    }
    Progress progress = state.progress();
    if (!progress.received()) {
      return end(Cause.JOIN_FAILED, text, state);
    }
    if (refused.status() == 401 || refused.status() == 403) {
      return end(Cause.CONNECTION_LOST, text, state);
    }
    // 404: the room is gone, and this server doesn't open rooms by a join.
    Cause cause = refused.status() == 404 ? Cause.ROOM_CLOSED : Cause.CONNECTION_LOST;
    return again(progress.ifTooLate(new End(cause, text)), text);
  }

  private Step serverLeft(SessionState state, ServerLeft left) {
    return switch (left.leave()) {
      case DUPLICATE_IDENTITY -> end(Cause.DUPLICATE_IDENTITY, left.text(), state);
      case REMOVED -> end(Cause.REMOVED, left.text(), state);
      case ROOM_CLOSED -> end(Cause.ROOM_CLOSED, left.text(), state);
      case RESUME -> signalLost(state, left.text());
      case REJOIN -> state instanceof BackingOff ? stay(state) : again(state, left.text());
    };
  }

  // The track

  private Step track(SessionState state, TrackNews news) {
    return switch (news) {
      case TrackAppeared _ -> appeared(state);
      case TrackUnpublished _ ->
          gone(state, new End(Cause.TRACK_UNPUBLISHED, "the track was unpublished"));
      case PublisherLeft _ ->
          gone(state, new End(Cause.PARTICIPANT_LEFT, "the publisher left the room"));
      case CodecUnknown unknown ->
          end(Cause.SUBSCRIPTION_FAILED, "codec not supported: " + unknown.mimeType(), state);
      case SubscriptionRefused refused -> refused(state, refused.refusal());
      case Negotiated _ ->
          state instanceof Subscribing s
              ? subscribing(s.progress(), s.transportUp(), true)
              : stay(state);
    };
  }

  private Step appeared(SessionState state) {
    return switch (state) {
      case WaitingForTrack s ->
          new Step(
              new Subscribing(s.progress(), s.transportUp(), false),
              List.of(new Start(Clock.STEP, NEGOTIATION_LIMIT), new Subscribe()));
      case Following s ->
          new Step(
              new Subscribing(s.progress(), s.transportUp(), false),
              List.of(
                  new Stop(Clock.FOLLOW),
                  new Start(Clock.REPAIR, NEGOTIATION_LIMIT.plus(limits.rejoin())),
                  new Start(Clock.STEP, NEGOTIATION_LIMIT),
                  new Subscribe()));
      case Joining s -> stay(s);
      case Subscribing s -> stay(s);
      case Receiving s -> stay(s);
      case Resuming s -> stay(s);
      case RestartingIce s -> stay(s);
      case Doubting s -> stay(s);
      case BackingOff s -> stay(s);
      case Ended s -> stay(s);
    };
  }

  private Step gone(SessionState state, End end) {
    return switch (state) {
      case Subscribing s -> gone(s.progress(), s.transportUp(), true, end);
      case Receiving s -> gone(s.progress(), true, false, end);
      case RestartingIce s -> gone(s.progress(), true, true, end);
      // To follow it a transport is needed first: the re-join will find the track gone.
      case Doubting s -> limits.follows() ? stay(s) : end(end.cause(), end.text(), s);
      case Joining s -> stay(s);
      case WaitingForTrack s -> stay(s);
      case Resuming s -> stay(s);
      case BackingOff s -> stay(s);
      case Following s -> stay(s);
      case Ended s -> stay(s);
    };
  }

  private Step gone(Progress progress, boolean transportUp, boolean repairing, End end) {
    if (!limits.follows() || !progress.received()) {
      return new Step(new Ended(progress, end), List.of(new Finish(end)));
    }
    List<SessionEffect> effects = new ArrayList<>();
    effects.add(new Stop(Clock.STEP));
    effects.add(new Stop(Clock.REPAIR));
    effects.add(new Start(Clock.FOLLOW, limits.follow()));
    if (!repairing) {
      effects.add(new TellReconnecting(true));
    }
    return new Step(new Following(progress.ifTooLate(end), transportUp), effects);
  }

  private static Step refused(SessionState state, Refusal refusal) {
    Cause absent = state.progress().received() ? Cause.TRACK_UNPUBLISHED : Cause.TRACK_NOT_FOUND;
    return switch (refusal) {
      case TRACK_NOT_FOUND -> end(absent, "the server does not find the track", state);
      case CODEC_UNSUPPORTED ->
          end(Cause.SUBSCRIPTION_FAILED, "the server has no codec in common with us", state);
      case OTHER -> end(Cause.SUBSCRIPTION_FAILED, "the server refused the subscription", state);
    };
  }

  // The media's way

  private Step media(SessionState state, MediaNews news) {
    return switch (news) {
      case TransportUp _ -> transportUp(state);
      case MediaSeen _ ->
          state instanceof Subscribing s ? subscribing(s.progress(), true, true) : stay(state);
      case TransportRecovered _ ->
          state instanceof RestartingIce s ? whole(s.progress(), false, List.of()) : stay(state);
      case TransportInterrupted _ -> interrupted(state);
      case TransportFailed failed -> transportFailed(state, failed.text());
    };
  }

  private Step transportUp(SessionState state) {
    return switch (state) {
      case Subscribing s -> subscribing(s.progress(), true, s.negotiated());
      case WaitingForTrack s -> new Step(new WaitingForTrack(s.progress(), true), List.of());
      case Following s -> new Step(new Following(s.progress(), true), List.of());
      case Joining s -> stay(s);
      case Receiving s -> stay(s);
      case Resuming s -> stay(s);
      case RestartingIce s -> stay(s);
      case Doubting s -> stay(s);
      case BackingOff s -> stay(s);
      case Ended s -> stay(s);
    };
  }

  private Step interrupted(SessionState state) {
    return switch (state) {
      case Receiving s -> s.resumed() ? rejoin(s, INTERRUPTED) : restartIce(s);
      case Resuming s -> rejoin(s, INTERRUPTED);
      case Following s -> rejoin(s, INTERRUPTED);
      // Before the track flows nothing is lost by waiting: the step's limit judges.
      case Joining s -> stay(s);
      case WaitingForTrack s -> stay(s);
      case Subscribing s -> stay(s);
      case RestartingIce s -> stay(s);
      case Doubting s -> stay(s);
      case BackingOff s -> stay(s);
      case Ended s -> stay(s);
    };
  }

  private Step restartIce(Receiving receiving) {
    if (!limits.repairs()) {
      return end(Cause.CONNECTION_LOST, INTERRUPTED, receiving);
    }
    List<SessionEffect> effects = new ArrayList<>(repairBegins());
    effects.add(new Start(Clock.STEP, ICE_RESTART_LIMIT));
    effects.add(new RestartIce());
    return new Step(new RestartingIce(receiving.progress().ifTooLate(lost(INTERRUPTED))), effects);
  }

  private Step transportFailed(SessionState state, String text) {
    return switch (state) {
      case WaitingForTrack s -> doubt(s, text);
      case Subscribing s -> doubt(s, text);
      case Receiving s -> doubt(s, text);
      case RestartingIce s -> doubt(s, text);
      case Following s -> doubt(s, text);
      case Joining s -> again(s.progress(), text);
      case Resuming s -> rejoin(s, text);
      case Doubting s -> stay(s);
      case BackingOff s -> stay(s);
      case Ended s -> stay(s);
    };
  }

  private Step doubt(SessionState state, String text) {
    boolean repairs = limits.repairs() && state.progress().received();
    List<SessionEffect> effects = new ArrayList<>();
    if (repairs && (state instanceof Receiving || state instanceof Following)) {
      effects.addAll(repairBegins());
    }
    effects.add(new Stop(Clock.FOLLOW));
    effects.add(new Start(Clock.STEP, REASON_LIMIT));
    Progress progress = state.progress();
    boolean lostNow = state instanceof Receiving;
    return new Step(
        new Doubting(lostNow ? progress.ifTooLate(lost(text)) : progress, text), effects);
  }

  // Time

  private Step timeUp(SessionState state, Clock clock) {
    return switch (clock) {
      case START, REPAIR, FOLLOW ->
          end(state.progress().ifTooLate().cause(), state.progress().ifTooLate().text(), state);
      case BACK_OFF -> paused(state);
      case STEP -> stepLate(state);
    };
  }

  private static Step paused(SessionState state) {
    if (state instanceof BackingOff backingOff) {
      return new Step(new Joining(backingOff.progress()), List.of(new Join()));
    }
    if (state instanceof Resuming) {
      return new Step(state, List.of(new Resume(), new Start(Clock.STEP, RESUME_LIMIT)));
    }
    return stay(state);
  }

  private Step stepLate(SessionState state) {
    return switch (state) {
      case Joining s -> again(s.progress(), "no JOIN came in " + JOIN_LIMIT.toSeconds() + " s");
      case Subscribing s ->
          again(
              s.progress(),
              (s.transportUp() ? "the track was not negotiated" : "no media connection")
                  + " in "
                  + NEGOTIATION_LIMIT.toSeconds()
                  + " s");
      case Resuming s -> resumeFailed(s, "signalling did not come back");
      case RestartingIce s -> rejoin(s, "the ICE restart found no path");
      case Doubting s -> again(s, s.why());
      case WaitingForTrack s -> stay(s);
      case Receiving s -> stay(s);
      case BackingOff s -> stay(s);
      case Following s -> stay(s);
      case Ended s -> stay(s);
    };
  }

  // Steps that several events share

  private static Step subscribing(Progress progress, boolean transportUp, boolean negotiated) {
    if (!transportUp || !negotiated) {
      return new Step(new Subscribing(progress, transportUp, negotiated), List.of());
    }
    return whole(progress, false, List.of(new Stop(Clock.START)));
  }

  private static Step whole(Progress progress, boolean resumed, List<SessionEffect> more) {
    List<SessionEffect> effects = new ArrayList<>(more);
    effects.add(new Stop(Clock.STEP));
    effects.add(new Stop(Clock.REPAIR));
    effects.add(progress.received() ? new TellReconnecting(false) : new TellSubscribed());
    return new Step(new Receiving(progress.whole(), resumed), effects);
  }

  private Step resume(Progress progress, String text) {
    if (!limits.repairs()) {
      End end = lost(text);
      return new Step(new Ended(progress, end), List.of(new Finish(end)));
    }
    List<SessionEffect> effects = new ArrayList<>(repairBegins());
    effects.add(new DropSignal());
    effects.add(new Resume());
    effects.add(new Start(Clock.STEP, RESUME_LIMIT));
    return new Step(new Resuming(progress.ifTooLate(lost(text))), effects);
  }

  private Step resumeFailed(Resuming resuming, String text) {
    Progress failed = resuming.progress().failedAgain();
    if (failed.attempt() >= RESUMES) {
      return rejoin(resuming, text);
    }
    return new Step(
        new Resuming(failed),
        List.of(new Stop(Clock.STEP), new DropSignal(), new Pause(failed.attempt())));
  }

  /** After a failure that needs a join, whatever was reached before. */
  private Step again(SessionState state, String text) {
    return switch (state) {
      case Receiving s -> rejoin(s, text);
      case Following s -> rejoin(s, text);
      case Resuming s -> rejoin(s, text);
      case RestartingIce s -> rejoin(s, text);
      case Doubting s -> s.progress().received() ? rejoin(s, text) : again(s.progress(), text);
      case Joining s -> again(s.progress(), text);
      case WaitingForTrack s -> again(s.progress(), text);
      case Subscribing s -> again(s.progress(), text);
      case BackingOff s -> again(s.progress(), text);
      case Ended s -> stay(s);
    };
  }

  /** A join that failed on the way to the track: the clocks of the whole go on. */
  private static Step again(Progress progress, String text) {
    Progress failed = progress.failedAgain();
    if (!progress.received() && failed.attempt() >= FIRST_JOINS) {
      End end = new End(Cause.JOIN_FAILED, text + " (" + failed.attempt() + " tries)");
      return new Step(new Ended(failed, end), List.of(new Finish(end)));
    }
    return new Step(
        new BackingOff(failed),
        List.of(
            new Stop(Clock.STEP),
            new DropSignal(),
            new DropTransport(),
            new Pause(failed.attempt())));
  }

  /** Leaves a state in which the track had been received: a repair begins, or goes on. */
  private Step rejoin(SessionState state, String text) {
    if (!limits.repairs()) {
      return end(Cause.CONNECTION_LOST, text, state);
    }
    boolean underWay =
        state instanceof Resuming || state instanceof RestartingIce || state instanceof Doubting;
    List<SessionEffect> effects = new ArrayList<>(underWay ? List.of() : repairBegins());
    effects.add(new Stop(Clock.STEP));
    effects.add(new Stop(Clock.FOLLOW));
    effects.add(new DropSignal());
    effects.add(new DropTransport());
    effects.add(new Pause(0));
    boolean known = state instanceof Following || state instanceof Doubting;
    End late = known ? state.progress().ifTooLate() : lost(text);
    return new Step(new BackingOff(new Progress(true, 0, late)), effects);
  }

  private List<SessionEffect> repairBegins() {
    return List.of(new TellReconnecting(true), new Start(Clock.REPAIR, limits.rejoin()));
  }

  private static End lost(String text) {
    return new End(Cause.CONNECTION_LOST, text);
  }

  private static Cause joinCause(SessionState state) {
    return state.progress().received() ? Cause.CONNECTION_LOST : Cause.JOIN_FAILED;
  }

  private static Step end(Cause cause, String text, SessionState state) {
    End end = new End(cause, text);
    return new Step(new Ended(state.progress(), end), List.of(new Finish(end)));
  }

  private static Step stay(SessionState state) {
    return new Step(state, List.of());
  }
}
