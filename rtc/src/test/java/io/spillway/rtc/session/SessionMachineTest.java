package io.spillway.rtc.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.rtc.TrackEvents.Cause;
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
import io.spillway.rtc.session.SessionEvent.Leave;
import io.spillway.rtc.session.SessionEvent.MediaSeen;
import io.spillway.rtc.session.SessionEvent.Negotiated;
import io.spillway.rtc.session.SessionEvent.PublisherLeft;
import io.spillway.rtc.session.SessionEvent.Refusal;
import io.spillway.rtc.session.SessionEvent.Resumed;
import io.spillway.rtc.session.SessionEvent.ServerLeft;
import io.spillway.rtc.session.SessionEvent.SignalLost;
import io.spillway.rtc.session.SessionEvent.SubscriptionRefused;
import io.spillway.rtc.session.SessionEvent.TimeUp;
import io.spillway.rtc.session.SessionEvent.TokenRefused;
import io.spillway.rtc.session.SessionEvent.TrackAppeared;
import io.spillway.rtc.session.SessionEvent.TrackUnpublished;
import io.spillway.rtc.session.SessionEvent.TransportFailed;
import io.spillway.rtc.session.SessionEvent.TransportInterrupted;
import io.spillway.rtc.session.SessionEvent.TransportRecovered;
import io.spillway.rtc.session.SessionEvent.TransportUp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SessionMachineTest {
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final Duration REJOIN = Duration.ofSeconds(20);

  private static final Joined JOINED = new Joined(true, true);
  private static final Joined JOINED_WITHOUT_TRACK = new Joined(false, true);
  private static final TransportFailed FAILED = new TransportFailed("DTLS was closed");
  private static final SignalLost SIGNAL_LOST = new SignalLost("reset");
  private static final List<SessionEvent> TO_RECEIVING =
      List.of(JOINED, new TransportUp(), new Negotiated());

  @Test
  void aTrackThatIsThereIsSubscribedWhenTransportAndNegotiationAreDoneInEitherOrder() {
    assertThat(play(JOINED, new TransportUp()).name()).isEqualTo("Subscribing");
    assertThat(play(JOINED, new Negotiated()).name()).isEqualTo("Subscribing");
    for (Run run :
        List.of(
            play(JOINED, new TransportUp(), new Negotiated()),
            play(JOINED, new Negotiated(), new TransportUp()),
            play(JOINED, new MediaSeen()))) {
      assertThat(run.name()).isEqualTo("Receiving");
      assertThat(run.last)
          .containsExactly(
              new Stop(Clock.START),
              new Stop(Clock.STEP),
              new Stop(Clock.REPAIR),
              new TellSubscribed());
    }
  }

  @Test
  void aTrackThatAppearsLaterIsSubscribedThen() {
    Run run = play(JOINED_WITHOUT_TRACK, new TransportUp());
    assertThat(run.name()).isEqualTo("WaitingForTrack");
    run.then(new TrackAppeared());
    assertThat(run.name()).isEqualTo("Subscribing");
    assertThat(run.last).contains(new Subscribe());
    assertThat(run.then(new Negotiated()).name()).isEqualTo("Receiving");
  }

  @Test
  void theSubscribeTimeoutRunsFromTheFirstJoinAndEndsAsTrackNotFound() {
    Run run = play(JOINED_WITHOUT_TRACK);
    assertThat(run.last).contains(new Start(Clock.START, WAIT));
    run.then(new TimeUp(Clock.START));
    assertThat(run.cause()).isEqualTo(Cause.TRACK_NOT_FOUND);
  }

  @Test
  void theFirstJoinIsTriedThreeTimes() {
    Run run = new Run(REJOIN, Duration.ZERO);
    for (int i = 1; i < SessionMachine.FIRST_JOINS; i++) {
      run.then(SIGNAL_LOST);
      assertThat(run.last)
          .containsExactly(
              new Stop(Clock.STEP), new DropSignal(), new DropTransport(), new Pause(i));
      run.then(new TimeUp(Clock.BACK_OFF));
      assertThat(run.last).containsExactly(new Join());
    }
    run.then(SIGNAL_LOST);
    assertThat(run.cause()).isEqualTo(Cause.JOIN_FAILED);
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of(List.of(), new JoinRefused(401, "no"), Cause.JOIN_FAILED),
        Arguments.of(List.of(), new JoinRefused(404, "no"), Cause.JOIN_FAILED),
        Arguments.of(List.of(), new TokenRefused("no"), Cause.JOIN_FAILED),
        Arguments.of(
            List.of(JOINED),
            new SubscriptionRefused(Refusal.CODEC_UNSUPPORTED),
            Cause.SUBSCRIPTION_FAILED),
        Arguments.of(
            List.of(JOINED),
            new SubscriptionRefused(Refusal.TRACK_NOT_FOUND),
            Cause.TRACK_NOT_FOUND),
        Arguments.of(List.of(), new CodecUnknown("video/x"), Cause.SUBSCRIPTION_FAILED),
        Arguments.of(List.of(JOINED), new TrackUnpublished(), Cause.TRACK_UNPUBLISHED),
        Arguments.of(TO_RECEIVING, new TrackUnpublished(), Cause.TRACK_UNPUBLISHED),
        Arguments.of(TO_RECEIVING, new PublisherLeft(), Cause.PARTICIPANT_LEFT),
        Arguments.of(
            TO_RECEIVING,
            new ServerLeft(Leave.DUPLICATE_IDENTITY, "other"),
            Cause.DUPLICATE_IDENTITY),
        Arguments.of(TO_RECEIVING, new ServerLeft(Leave.REMOVED, "admin"), Cause.REMOVED),
        Arguments.of(TO_RECEIVING, new ServerLeft(Leave.ROOM_CLOSED, "bye"), Cause.ROOM_CLOSED),
        Arguments.of(TO_RECEIVING, new CloseAsked(), Cause.CLOSED));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatIsFinalEndsAtOnceForItsOwnCause(
      List<SessionEvent> before, SessionEvent event, Cause cause) {
    Run run = new Run(REJOIN, Duration.ZERO).then(before);
    run.then(event);
    assertThat(run.cause()).isEqualTo(cause);
    assertThat(run.last).hasOnlyElementsOfType(Finish.class).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Leave.class,
      names = {"DUPLICATE_IDENTITY", "REMOVED", "ROOM_CLOSED"})
  void afterAnEvictionNothingEverJoinsAgain(Leave leave) {
    for (List<SessionEvent> before : everyWay()) {
      Run run = new Run(REJOIN, REJOIN).then(before).then(new ServerLeft(leave, "x"));
      assertThat(run.name()).isEqualTo("Ended");
      run.effects.clear();
      run.then(SIGNAL_LOST).then(new TimeUp(Clock.BACK_OFF)).then(FAILED).then(JOINED);
      assertThat(run.effects).isEmpty();
    }
  }

  private static List<List<SessionEvent>> everyWay() {
    return List.of(
        List.of(),
        List.of(JOINED),
        List.of(JOINED_WITHOUT_TRACK),
        TO_RECEIVING,
        with(TO_RECEIVING, SIGNAL_LOST),
        with(TO_RECEIVING, new TransportInterrupted()),
        with(TO_RECEIVING, FAILED),
        with(TO_RECEIVING, new TrackUnpublished()));
  }

  @Test
  void lostSignallingIsResumedWhileMediaGoesOn() {
    Run run = receiving().then(SIGNAL_LOST);
    assertThat(run.name()).isEqualTo("Resuming");
    assertThat(run.last)
        .containsExactly(
            new TellReconnecting(true),
            new Start(Clock.REPAIR, REJOIN),
            new DropSignal(),
            new Resume(),
            new Start(Clock.STEP, SessionMachine.RESUME_LIMIT));
    run.then(new Resumed());
    assertThat(run.name()).isEqualTo("Receiving");
    assertThat(run.last).contains(new TellReconnecting(false), new Stop(Clock.REPAIR));
  }

  @Test
  void aResumeThatFailsThreeTimesBecomesAFullJoinWithinTheSameWindow() {
    Run run = receiving().then(SIGNAL_LOST).then(SIGNAL_LOST);
    assertThat(run.last).contains(new Pause(1)).doesNotContain(new Resume());
    run.then(new TimeUp(Clock.BACK_OFF));
    assertThat(run.last).contains(new Resume());
    run.then(SIGNAL_LOST).then(new TimeUp(Clock.BACK_OFF)).then(SIGNAL_LOST);
    assertThat(run.name()).isEqualTo("BackingOff");
    assertThat(run.last)
        .contains(new DropTransport(), new Pause(0))
        .doesNotContain(new Start(Clock.REPAIR, REJOIN));
    run.then(new TimeUp(Clock.BACK_OFF));
    assertThat(run.last).containsExactly(new Join());
    run.then(TO_RECEIVING);
    assertThat(run.name()).isEqualTo("Receiving");
    assertThat(run.last).contains(new TellReconnecting(false)).doesNotContain(new TellSubscribed());
  }

  @Test
  void mediaThatBreaksUnderLiveSignallingGetsAnIceRestart() {
    Run run = receiving().then(new TransportInterrupted());
    assertThat(run.name()).isEqualTo("RestartingIce");
    assertThat(run.last).contains(new RestartIce(), new TellReconnecting(true));
    run.then(new TransportRecovered());
    assertThat(run.name()).isEqualTo("Receiving");
    assertThat(run.last).contains(new TellReconnecting(false));
  }

  @Test
  void whenBothBreakOnlyAFullJoinIsTriedBecauseAResumeCouldTakeOverAnothersSession() {
    for (List<SessionEvent> both :
        List.<List<SessionEvent>>of(
            List.of(SIGNAL_LOST, new TransportInterrupted()),
            List.of(new TransportInterrupted(), SIGNAL_LOST),
            List.of(SIGNAL_LOST, new Resumed(), new TransportInterrupted()))) {
      Run run = receiving();
      run.effects.clear();
      run.then(both);
      assertThat(run.name()).isEqualTo("BackingOff");
      assertThat(run.last).contains(new DropTransport(), new Pause(0));
    }
  }

  @Test
  void aTransportThatFailsUnderLiveSignallingWaitsForTheServersReason() {
    Run run = receiving().then(FAILED);
    assertThat(run.name()).isEqualTo("Doubting");
    assertThat(run.last)
        .contains(new TellReconnecting(true), new Start(Clock.STEP, SessionMachine.REASON_LIMIT))
        .doesNotContain(new DropSignal());
    assertThat(receiving().then(FAILED).then(new ServerLeft(Leave.REMOVED, "admin")).cause())
        .isEqualTo(Cause.REMOVED);
    assertThat(receiving().then(FAILED).then(new PublisherLeft()).cause())
        .isEqualTo(Cause.PARTICIPANT_LEFT);
    for (SessionEvent noReason : List.of(new TimeUp(Clock.STEP), SIGNAL_LOST)) {
      Run silent = receiving().then(FAILED).then(noReason);
      assertThat(silent.name()).isEqualTo("BackingOff");
      assertThat(silent.last).contains(new DropTransport(), new Pause(0));
    }
  }

  @Test
  void aRepairThatTakesTooLongEndsAsConnectionLost() {
    for (SessionEvent broken : List.of(SIGNAL_LOST, new TransportInterrupted(), FAILED)) {
      Run run = receiving().then(broken).then(new TimeUp(Clock.REPAIR));
      assertThat(run.cause()).isEqualTo(Cause.CONNECTION_LOST);
    }
  }

  @Test
  void withoutARejoinWindowALossIsTheEnd() {
    for (SessionEvent broken : List.of(SIGNAL_LOST, new TransportInterrupted(), FAILED)) {
      Run run = new Run(Duration.ZERO, Duration.ZERO).then(TO_RECEIVING).then(broken);
      run.then(new TimeUp(Clock.STEP));
      assertThat(run.cause()).isEqualTo(Cause.CONNECTION_LOST);
    }
  }

  @Test
  void aRestartedServerWithAnEmptyRoomEndsAsRoomClosedAfterTheWindow() {
    Run run =
        receiving()
            .then(new ServerLeft(Leave.REJOIN, "SERVER_SHUTDOWN"))
            .then(new TimeUp(Clock.BACK_OFF))
            .then(SIGNAL_LOST)
            .then(new TimeUp(Clock.BACK_OFF))
            .then(new Joined(false, false));
    assertThat(run.name()).isEqualTo("WaitingForTrack");
    assertThat(run.then(new TimeUp(Clock.REPAIR)).cause()).isEqualTo(Cause.ROOM_CLOSED);
  }

  @Test
  void aTrackGoneAfterARejoinToTheSameRoomEndsAsUnpublished() {
    Run run =
        receiving()
            .then(FAILED)
            .then(new TimeUp(Clock.STEP))
            .then(new TimeUp(Clock.BACK_OFF))
            .then(JOINED_WITHOUT_TRACK)
            .then(new TimeUp(Clock.REPAIR));
    assertThat(run.cause()).isEqualTo(Cause.TRACK_UNPUBLISHED);
  }

  @Test
  void aRejoinThatFindsNoRoomEndsAsRoomClosed() {
    Run run =
        receiving()
            .then(FAILED)
            .then(new TimeUp(Clock.STEP))
            .then(new TimeUp(Clock.BACK_OFF))
            .then(new JoinRefused(404, "no room"));
    assertThat(run.name()).isEqualTo("BackingOff");
    assertThat(run.then(new TimeUp(Clock.REPAIR)).cause()).isEqualTo(Cause.ROOM_CLOSED);
  }

  @Test
  void rejoinsGoOnWithGrowingPausesUntilTheWindowCloses() {
    Run run = receiving().then(FAILED).then(new TimeUp(Clock.STEP));
    for (int i = 1; i < 50; i++) {
      run.then(new TimeUp(Clock.BACK_OFF)).then(SIGNAL_LOST);
      assertThat(run.last).contains(new Pause(i));
    }
    assertThat(run.name()).isEqualTo("BackingOff");
  }

  @Test
  void aTokenRefusedBeforeARejoinEndsWithoutJoining() {
    Run run = receiving().then(FAILED).then(new TimeUp(Clock.STEP));
    run.then(new TimeUp(Clock.BACK_OFF)).then(new TokenRefused("a newer epoch records"));
    assertThat(run.cause()).isEqualTo(Cause.CONNECTION_LOST);
  }

  @Test
  void aRoomThatIsGoneBeforeARejoinEndsAsClosed() {
    Run run = receiving().then(FAILED).then(new TimeUp(Clock.STEP));
    run.then(new TimeUp(Clock.BACK_OFF))
        .then(new SessionEvent.RoomGone("room r does not exist any more"));
    assertThat(run.cause()).isEqualTo(Cause.ROOM_CLOSED);
  }

  @Test
  void anUnpublishedTrackIsFollowedWithinTheFollowWindow() {
    Run run = new Run(REJOIN, Duration.ofSeconds(7)).then(TO_RECEIVING);
    run.then(new TrackUnpublished());
    assertThat(run.name()).isEqualTo("Following");
    assertThat(run.last)
        .contains(new TellReconnecting(true), new Start(Clock.FOLLOW, Duration.ofSeconds(7)));
    run.then(new TrackAppeared());
    assertThat(run.last).contains(new Subscribe(), new Stop(Clock.FOLLOW));
    run.then(new Negotiated());
    assertThat(run.name()).isEqualTo("Receiving");
    assertThat(run.last).contains(new TellReconnecting(false));
  }

  @Test
  void aTrackThatDoesNotComeBackEndsForTheCauseItWentFor() {
    Run run = new Run(REJOIN, Duration.ofSeconds(7)).then(TO_RECEIVING);
    run.then(new PublisherLeft()).then(new TimeUp(Clock.FOLLOW));
    assertThat(run.cause()).isEqualTo(Cause.PARTICIPANT_LEFT);
  }

  @Test
  void anyOrderOfEventsKeepsTheInvariants() {
    List<SessionEvent> all =
        List.of(
            JOINED,
            JOINED_WITHOUT_TRACK,
            new Joined(false, false),
            new Resumed(),
            SIGNAL_LOST,
            new JoinRefused(404, "x"),
            new ServerLeft(Leave.RESUME, "x"),
            new ServerLeft(Leave.REJOIN, "x"),
            new TrackAppeared(),
            new TrackUnpublished(),
            new PublisherLeft(),
            new Negotiated(),
            new MediaSeen(),
            new TransportUp(),
            new TransportInterrupted(),
            new TransportRecovered(),
            FAILED,
            new TimeUp(Clock.STEP),
            new TimeUp(Clock.BACK_OFF),
            new TimeUp(Clock.REPAIR),
            new TimeUp(Clock.FOLLOW));
    for (long seed = 0; seed < 3_000; seed++) {
      Random random = new Random(seed);
      Run run = new Run(REJOIN, random.nextBoolean() ? REJOIN : Duration.ZERO);
      for (int i = 0; i < 60; i++) {
        run.then(all.get(random.nextInt(all.size())));
      }
      long finishes = run.effects.stream().filter(Finish.class::isInstance).count();
      assertThat(finishes).as("ends, seed %d", seed).isLessThanOrEqualTo(1);
      long subscribed = run.effects.stream().filter(TellSubscribed.class::isInstance).count();
      assertThat(subscribed).as("subscribed, seed %d", seed).isLessThanOrEqualTo(1);
      int end = run.effects.stream().map(Object::getClass).toList().indexOf(Finish.class);
      assertThat(end).as("nothing after the end, seed %d", seed).isIn(-1, run.effects.size() - 1);
      if (end < 0) {
        assertThat(run.name()).as("state, seed %d", seed).isNotEqualTo("Ended");
      }
    }
  }

  private static Run receiving() {
    return new Run(REJOIN, Duration.ZERO).then(TO_RECEIVING);
  }

  private static Run play(SessionEvent... events) {
    return new Run(REJOIN, Duration.ZERO).then(List.of(events));
  }

  private static List<SessionEvent> with(List<SessionEvent> events, SessionEvent one) {
    List<SessionEvent> all = new ArrayList<>(events);
    all.add(one);
    return all;
  }

  /** A session played through the machine. */
  private static final class Run {
    final List<SessionEffect> effects = new ArrayList<>();
    private final SessionMachine machine;
    private SessionState state;
    List<SessionEffect> last;

    Run(Duration rejoin, Duration follow) {
      machine = new SessionMachine(new SessionMachine.Limits(WAIT, rejoin, follow));
      SessionMachine.Step first = machine.begin();
      state = first.state();
      last = first.effects();
      effects.addAll(last);
    }

    Run then(List<SessionEvent> events) {
      events.forEach(this::then);
      return this;
    }

    Run then(SessionEvent event) {
      SessionMachine.Step step = machine.next(state, event);
      state = step.state();
      last = step.effects();
      effects.addAll(last);
      return this;
    }

    String name() {
      return state.getClass().getSimpleName();
    }

    Cause cause() {
      assertThat(state).isInstanceOf(SessionState.Ended.class);
      return ((SessionState.Ended) state).end().cause();
    }
  }
}
