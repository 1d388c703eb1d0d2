package io.spillway.rtc.session;

import io.spillway.core.bounded.Backoff;
import io.spillway.core.trace.TraceKeys;
import io.spillway.rtc.Frame;
import io.spillway.rtc.ReceptionStats;
import io.spillway.rtc.RoomGoneException;
import io.spillway.rtc.TrackDescription;
import io.spillway.rtc.TrackEvents;
import io.spillway.rtc.TrackEvents.End;
import io.spillway.rtc.TrackEvents.Flow;
import io.spillway.rtc.TrackRequest;
import io.spillway.rtc.TrackSubscription;
import io.spillway.rtc.session.SessionEvent.Clock;
import io.spillway.rtc.signal.RemoteTrack;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Carries out what {@link SessionMachine} decides for one subscription. All state belongs to the
 * loop's thread; the public methods hop there. An effect may cause the next event at once: events
 * wait in line until the effects of the one before are done.
 */
public final class SubscriberSession implements TrackSubscription, RoomTalk.Owner, MediaPath.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(SubscriberSession.class);
  private static final Backoff PAUSES = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(4));

  private final Environment environment;
  private final TrackRequest request;
  private final TrackEvents events;
  private final Runnable atEnd;
  private final SessionMachine machine;
  private final MediaPath path;
  private final RoomTalk talk;
  private final Clocks clocks;
  private final ArrayDeque<SessionEvent> line = new ArrayDeque<>();

  private SessionState state;
  private boolean busy;
  private Optional<JoinGate.Ticket> ticket = Optional.empty();
  private int joins;
  private String[] room = {"", "", ""};
  private boolean roomTold;
  private boolean subscribedTold;
  private String describedSid = "";
  private boolean reconnectingTold;
  private boolean muted;
  private boolean paused;
  private boolean draining;
  private Flow flowTold = Flow.FLOWING;
  private final AtomicInteger repairs = new AtomicInteger();

  /** Prepares a subscription; {@link #start} begins it. {@code atEnd} runs once, on the loop. */
  public SubscriberSession(
      Environment environment, TrackRequest request, TrackEvents events, Runnable atEnd) {
    this.environment = environment;
    this.request = request;
    this.events = events;
    this.atEnd = atEnd;
    this.machine =
        new SessionMachine(
            new SessionMachine.Limits(
                request.subscribeTimeout(), request.rejoinWindow(), request.followWindow()));
    this.path = new MediaPath(environment, this);
    this.talk = new RoomTalk(environment, request, path, this);
    this.clocks = new Clocks(environment.loop(), clock -> happened(new SessionEvent.TimeUp(clock)));
    this.state = machine.begin().state();
  }

  /** Joins. */
  public void start() {
    environment.loop().execute(() -> carryOut(machine.begin()));
  }

  @Override
  public void requestKeyFrame() {
    onLoop(path::requestKeyFrame);
  }

  @Override
  public ReceptionStats stats() {
    ReceptionStats received = path.stats();
    return new ReceptionStats(
        received.packetsExpected(),
        received.packetsReceived(),
        received.packetsLost(),
        received.packetsRecovered(),
        received.nacksSent(),
        received.plisSent(),
        received.bytes(),
        received.framesDropped(),
        repairs.get(),
        received.packetsUnseen());
  }

  /**
   * Takes signalling up again if media is being received: the server then tells anew who publishes
   * what.
   */
  public void refresh(String why) {
    onLoop(() -> {
      if (state instanceof SessionState.Receiving) {
        talk.doubt(why);
      }
    });
  }

  @Override
  public void close() {
    asLast(() -> path.whenWhole(this::closeAsked));
  }

  /** As {@link #close}, without waiting for packets that are on their way. */
  public void closeAtOnce() {
    asLast(this::closeAsked);
  }

  /** However much the loop has to do: what isn't closed stays in its room. */
  private void asLast(Runnable close) {
    try {
      environment.loop().executeAlways(close);
    } catch (RejectedExecutionException closed) {
      marked(LOG.atDebug()).log("engine is closed already");
    }
  }

  private void closeAsked() {
    happened(new SessionEvent.CloseAsked());
  }

  private void onLoop(Runnable task) {
    try {
      environment.loop().execute(task);
    } catch (RejectedExecutionException closed) {
      marked(LOG.atWarn()).log("engine is closed already, or has too much to do: " + closed);
    }
  }

  // The machine

  @Override
  public void happened(SessionEvent event) {
    line.add(event);
    if (busy) {
      return;
    }
    for (SessionEvent next = line.poll(); next != null; next = line.poll()) {
      SessionMachine.Step step = machine.next(state, next);
      if (!step.state().getClass().equals(state.getClass())) {
        log(step.state(), next);
      }
      carryOut(step);
    }
  }

  private void log(SessionState next, SessionEvent because) {
    marked(LOG.atDebug())
        .addKeyValue("from", state.getClass().getSimpleName())
        .addKeyValue("to", next.getClass().getSimpleName())
        .addKeyValue("because", because)
        .log("subscription moves on");
  }

  /** The loop serves many: each line says itself whose it is. */
  private LoggingEventBuilder marked(LoggingEventBuilder line) {
    LoggingEventBuilder marked = line.addKeyValue("track", request.trackSid());
    for (Map.Entry<String, String> field : request.logged().entrySet()) {
      marked = marked.addKeyValue(field.getKey(), field.getValue());
    }
    boolean roomKnown = request.logged().containsKey(TraceKeys.LOG_ROOM_SID);
    return roomKnown || room[0].isEmpty()
        ? marked
        : marked.addKeyValue(TraceKeys.LOG_ROOM_SID, room[0]);
  }

  private void carryOut(SessionMachine.Step step) {
    state = step.state();
    if (!(state instanceof SessionState.Joining || state instanceof SessionState.Subscribing)) {
      leaveGate();
    }
    busy = true;
    try {
      step.effects().forEach(this::carryOut);
    } finally {
      busy = false;
    }
  }

  private void carryOut(SessionEffect effect) {
    switch (effect) {
      case SessionEffect.Join _ -> enterGate();
      case SessionEffect.Resume _ -> talk.resume();
      case SessionEffect.DropSignal _ -> talk.drop();
      case SessionEffect.DropTransport _ -> path.close();
      case SessionEffect.Subscribe _ -> subscribe();
      case SessionEffect.RestartIce _ -> talk.restartIce();
      case SessionEffect.Start start -> clocks.start(start.clock(), start.limit());
      case SessionEffect.Pause pause -> clocks.start(Clock.BACK_OFF, pause(pause.attempt()));
      case SessionEffect.Stop stop -> clocks.stop(stop.clock());
      case SessionEffect.TellSubscribed _ -> tellSubscribed();
      case SessionEffect.TellReconnecting tell -> tellReconnecting(tell.underWay());
      case SessionEffect.Finish finish -> finish(finish.end());
    }
  }

  private Duration pause(int attempt) {
    return attempt == 0
        ? Duration.ofMillis(environment.random().nextInt(100))
        : PAUSES.after(attempt, environment.random());
  }

  // Joining

  private void enterGate() {
    leaveGate();
    int join = ++joins;
    ticket = Optional.of(environment.gate().enter(() -> onLoop(() -> turn(join))));
  }

  private void leaveGate() {
    ticket.ifPresent(JoinGate.Ticket::done);
    ticket = Optional.empty();
  }

  private void turn(int join) {
    if (join != joins || !(state instanceof SessionState.Joining)) {
      return;
    }
    clocks.start(Clock.STEP, SessionMachine.JOIN_LIMIT);
    environment.blocking().execute(() -> prepare(join));
  }

  /** On a thread that may block: the caller's token, and where the server is. */
  private void prepare(int join) {
    try {
      String token = request.token().get();
      String host = URI.create(request.serverUrl()).getHost();
      List<InetAddress> towards =
          host == null ? List.of() : List.of(InetAddress.getAllByName(host));
      onLoop(() -> ifStill(join, () -> talk.join(token, towards)));
    } catch (UnknownHostException cause) {
      fails(join, new SessionEvent.SignalLost("no address for the server's name: " + cause));
    } catch (RoomGoneException gone) {
      fails(join, new SessionEvent.RoomGone(String.valueOf(gone.getMessage())));
    } catch (UncheckedIOException away) {
      fails(join, new SessionEvent.SignalLost(String.valueOf(away.getMessage())));
    } catch (RuntimeException cause) {
      fails(join, new SessionEvent.TokenRefused(String.valueOf(cause.getMessage())));
    }
  }

  private void fails(int join, SessionEvent event) {
    onLoop(() -> ifStill(join, () -> happened(event)));
  }

  private void ifStill(int join, Runnable task) {
    if (join == joins && state instanceof SessionState.Joining) {
      task.run();
    }
  }

  private void subscribe() {
    if (subscribedTold) {
      path.streamRestarted();
    }
    talk.subscribe();
  }

  // What the conversation and the media bring

  @Override
  public void room(String sid, String name, String participantSid) {
    room = new String[] {sid, name, participantSid};
    if (!roomTold) {
      roomTold = true;
      events.joined(sid, name, participantSid);
    }
  }

  @Override
  public void described(RemoteTrack track) {
    muted = track.description().muted();
    tellFlow();
  }

  @Override
  public void paused(boolean pausedBySfu) {
    paused = pausedBySfu;
    tellFlow();
  }

  @Override
  public void noted(Level level, String what) {
    marked(LOG.atLevel(level)).log(what);
  }

  @Override
  public void frame(Frame frame) {
    if (state instanceof SessionState.Ended && !draining) {
      return;
    }
    if (!subscribedTold || state instanceof SessionState.Subscribing) {
      happened(new SessionEvent.MediaSeen());
    }
    if (subscribedTold) {
      events.frame(frame);
    }
  }

  // What the caller hears

  private void tellSubscribed() {
    Optional<RemoteTrack> track = talk.track();
    if (track.isEmpty()) {
      return;
    }
    if (!roomTold) {
      room(room[0], room[1], room[2]);
    }
    TrackDescription description = track.get().description();
    subscribedTold = true;
    describedSid = description.sid();
    flowTold = description.muted() ? Flow.MUTED : Flow.FLOWING;
    events.subscribed(description);
    path.expectKeyFrame();
    tellFlow();
  }

  private void tellReconnecting(boolean underWay) {
    if (underWay && !reconnectingTold) {
      repairs.incrementAndGet();
    }
    if (underWay != reconnectingTold) {
      reconnectingTold = underWay;
      events.reconnecting(underWay);
    }
    if (!underWay) {
      talk.track()
          .filter(track -> !track.sid().equals(describedSid))
          .ifPresent(_ -> tellSubscribed());
      path.expectKeyFrame();
      tellFlow();
    }
  }

  private void tellFlow() {
    Flow now = muted ? Flow.MUTED : paused ? Flow.PAUSED_BY_SFU : Flow.FLOWING;
    if (subscribedTold && now != flowTold) {
      flowTold = now;
      events.flow(now);
    }
  }

  private void finish(End end) {
    clocks.stopAll();
    leaveGate();
    talk.leave();
    draining = true;
    try {
      path.drain();
    } finally {
      draining = false;
      path.close();
      marked(LOG.atInfo())
          .addKeyValue("cause", end.cause())
          .addKeyValue("text", end.text())
          .log("subscription ended");
      try {
        events.ended(end);
      } finally {
        atEnd.run();
      }
    }
  }
}
