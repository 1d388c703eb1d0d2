package io.spillway.rtc.session;

import io.spillway.core.media.Codec;
import io.spillway.core.time.TimeSource.Timer;
import io.spillway.rtc.Publication;
import io.spillway.rtc.PublicationEvents;
import io.spillway.rtc.PublishRequest;
import io.spillway.rtc.TrackEvents.Cause;
import io.spillway.rtc.TrackEvents.End;
import io.spillway.rtc.ice.LocalParameters;
import io.spillway.rtc.ice.PeerTransport;
import io.spillway.rtc.ice.RemoteParameters;
import io.spillway.rtc.net.LoopTimer;
import io.spillway.rtc.rtp.TrackSender;
import io.spillway.rtc.signal.JoinAddress;
import io.spillway.rtc.signal.PublishOffer;
import io.spillway.rtc.signal.SdpException;
import io.spillway.rtc.signal.SdpWriter;
import io.spillway.rtc.signal.Signalling;
import io.spillway.rtc.signal.Trickle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import livekit.LivekitModels.DisconnectReason;
import livekit.LivekitRtc.LeaveRequest;
import livekit.LivekitRtc.MuteTrackRequest;
import livekit.LivekitRtc.SignalRequest;
import livekit.LivekitRtc.SignalResponse;
import livekit.LivekitRtc.TrackPublishedResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One participant that publishes pre-encoded frames, for demos, load and tests. Everything goes in
 * the join request: announcements and offer, so that it is on air after one round trip and a
 * handshake. It isn't repaired: what breaks it ends it. All state belongs to the loop's thread.
 */
public final class PublisherSession implements Publication, RoomLink.Owner, PeerTransport.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(PublisherSession.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(20);

  private final Environment environment;
  private final PublishRequest request;
  private final PublicationEvents events;
  private final Runnable atEnd;
  private final RoomLink link;
  private final LoopTimer ticker;
  private final PublishOffer offers;
  private final List<TrackSender> senders = new ArrayList<>();
  private final List<PublishOffer.Outgoing> outgoing = new ArrayList<>();
  private final boolean[] withdrawn;
  private final String[] trackSids;

  private @Nullable PeerTransport transport;
  private Optional<RemoteParameters> remote = Optional.empty();
  private JoinGate.@Nullable Ticket ticket;
  private String participantSid = "";
  private boolean connected;
  private boolean told;
  private boolean over;
  private Optional<Timer> startLimit = Optional.empty();

  /** Prepares a publication; {@link #start} begins it. {@code atEnd} runs once, on the loop. */
  public PublisherSession(
      Environment environment, PublishRequest request, PublicationEvents events, Runnable atEnd) {
    this.environment = environment;
    this.request = request;
    this.events = events;
    this.atEnd = atEnd;
    this.link = new RoomLink(environment, this);
    this.ticker = environment.loop().timer(this::tick);
    this.withdrawn = new boolean[request.tracks().size()];
    this.trackSids = new String[request.tracks().size()];
    Arrays.fill(trackSids, "");
    String cname = Long.toHexString(environment.random().nextLong());
    for (int i = 0; i < trackSids.length; i++) {
      addSender(i, request.tracks().get(i), cname);
    }
    this.offers = new PublishOffer(cname, outgoing);
  }

  private void addSender(int index, PublishRequest.Track track, String cname) {
    boolean video = track.codec().kind() == Codec.Kind.VIDEO;
    PublishOffer.Outgoing out =
        new PublishOffer.Outgoing(
            track,
            cname + "-" + index,
            environment.random().nextInt(1, Integer.MAX_VALUE),
            video ? environment.random().nextInt(1, Integer.MAX_VALUE) : 0,
            PublishOffer.format(track.codec()));
    outgoing.add(out);
    TrackSender.Settings settings =
        new TrackSender.Settings(
            track.codec(),
            out.media().number(),
            out.ssrc(),
            out.rtxPayloadType(),
            out.rtxSsrc(),
            cname);
    senders.add(new TrackSender(settings, environment.random(), new Wire(index)));
  }

  /** What a sender of ours puts on the wire. */
  private final class Wire implements TrackSender.Out {
    private final int index;

    Wire(int index) {
      this.index = index;
    }

    @Override
    public void sendRtp(byte[] buffer, int offset, int length) {
      PeerTransport open = transport;
      if (open != null) {
        open.sendRtp(buffer, offset, length);
      }
    }

    @Override
    public void sendRtcp(byte[] buffer, int offset, int length) {
      PeerTransport open = transport;
      if (open != null) {
        open.sendRtcp(buffer, offset, length);
      }
    }

    @Override
    public void keyFrameWanted() {
      events.keyFrameWanted(index);
    }
  }

  /** Joins. */
  public void start() {
    onLoop(() -> {
      startLimit = Optional.of(environment.loop().after(START_LIMIT, this::startLate));
      ticket = environment.gate().enter(() -> environment.blocking().execute(this::prepare));
    });
  }

  private void startLate() {
    if (!told) {
      end(Cause.JOIN_FAILED, "not published in " + START_LIMIT.toSeconds() + " s");
    }
  }

  private void prepare() {
    try {
      String token = request.token().get();
      String host = URI.create(request.serverUrl()).getHost();
      List<InetAddress> towards =
          host == null ? List.of() : List.of(InetAddress.getAllByName(host));
      onLoop(() -> join(token, towards));
    } catch (IOException | RuntimeException cause) {
      onLoop(() -> end(Cause.JOIN_FAILED, "could not prepare the join: " + cause));
    }
  }

  private void join(String token, List<InetAddress> towards) {
    if (over) {
      return;
    }
    try {
      PeerTransport opened = environment.transports().open(towards, this);
      transport = opened;
      link.open(
          JoinAddress.single(
              request.serverUrl(),
              Optional.of(offers.offer(side(opened.local()))),
              offers.announcements()),
          token);
    } catch (IOException | IllegalArgumentException cause) {
      end(Cause.JOIN_FAILED, "could not join: " + cause);
    }
  }

  private static SdpWriter.Side side(LocalParameters local) {
    return new SdpWriter.Side(
        local.ufrag(), local.password(), local.fingerprint(), "active", local.candidates());
  }

  // The server

  @Override
  public void received(SignalResponse message) {
    try {
      switch (message.getMessageCase()) {
        case JOIN -> {
          participantSid = message.getJoin().getParticipant().getSid();
          link.keepAlive(message.getJoin().getPingInterval(), message.getJoin().getPingTimeout());
        }
        case ANSWER -> take(offers.answer(message.getAnswer()).remote());
        case TRICKLE ->
            Trickle.candidate(message.getTrickle().getCandidateInit()).ifPresent(this::candidate);
        case TRACK_PUBLISHED -> published(message.getTrackPublished());
        case LEAVE -> {
          SessionEvent.ServerLeft left = Leaves.read(message.getLeave());
          end(cause(left.leave()), left.text());
        }
        default -> {} // a publisher of ours subscribes to nothing
      }
    } catch (SdpException unusable) {
      end(Cause.JOIN_FAILED, "unusable answer: " + unusable.getMessage());
    }
  }

  private static Cause cause(SessionEvent.Leave leave) {
    return switch (leave) {
      case DUPLICATE_IDENTITY -> Cause.DUPLICATE_IDENTITY;
      case REMOVED -> Cause.REMOVED;
      case ROOM_CLOSED -> Cause.ROOM_CLOSED;
      case RESUME, REJOIN -> Cause.CONNECTION_LOST;
    };
  }

  @Override
  public void lost(Signalling.Closed why) {
    end(told ? Cause.CONNECTION_LOST : Cause.JOIN_FAILED, why.text());
  }

  private void take(RemoteParameters described) {
    PeerTransport open = transport;
    if (open == null) {
      return;
    }
    if (remote.isEmpty()) {
      open.connect(described);
    } else {
      described.candidates().forEach(open::addRemoteCandidate);
    }
    remote = Optional.of(described);
  }

  private void candidate(String line) {
    PeerTransport open = transport;
    if (open != null) {
      open.addRemoteCandidate(line);
    }
  }

  private void published(TrackPublishedResponse response) {
    for (int i = 0; i < trackSids.length; i++) {
      if (outgoing.get(i).clientId().equals(response.getCid())) {
        trackSids[i] = response.getTrack().getSid();
      }
    }
    tellWhenReady();
  }

  private void tellWhenReady() {
    if (told || !connected || Arrays.asList(trackSids).contains("")) {
      return;
    }
    told = true;
    leaveGate();
    startLimit.ifPresent(Timer::cancel);
    ticker.schedule(environment.time().nanos());
    events.published(participantSid, List.of(trackSids));
  }

  // The transport

  @Override
  public void connected() {
    connected = true;
    tellWhenReady();
  }

  @Override
  public void rtp(byte[] buffer, int offset, int length, long nowNanos) {}

  @Override
  public void rtcp(byte[] buffer, int offset, int length, long nowNanos) {
    for (int i = 0; i < senders.size(); i++) {
      senders.get(i).rtcp(buffer, offset, length, nowNanos);
    }
  }

  @Override
  public void unreadable(String why) {
    LOG.atWarn().addKeyValue("participant", participantSid).log(why);
  }

  @Override
  public void interrupted() {
    // Either it recovers, or it fails for good.
  }

  @Override
  public void failed(String why) {
    end(told ? Cause.CONNECTION_LOST : Cause.JOIN_FAILED, why);
  }

  private void tick() {
    if (over) {
      return;
    }
    long nowNanos = environment.time().nanos();
    long unixNanos = environment.time().unixNanos();
    long next = Long.MAX_VALUE;
    for (int i = 0; i < senders.size(); i++) {
      if (!withdrawn[i]) {
        next = Math.min(next, senders.get(i).tick(nowNanos, unixNanos));
      }
    }
    if (next != Long.MAX_VALUE) {
      ticker.schedule(next);
    }
  }

  // The caller

  @Override
  public void writeFrame(int track, byte[] data, int offset, int length, boolean key, long ticks) {
    byte[] copy = Arrays.copyOfRange(data, offset, offset + length);
    onLoop(() -> {
      if (told && !over && !withdrawn[track]) {
        int _ =
            senders.get(track).frame(copy, 0, copy.length, key, ticks, environment.time().nanos());
      }
    });
  }

  @Override
  public void mute(int track, boolean muted) {
    onLoop(() ->
        link.send(
            SignalRequest.newBuilder()
                .setMute(MuteTrackRequest.newBuilder().setSid(trackSids[track]).setMuted(muted))
                .build()));
  }

  @Override
  public void unpublish(int track) {
    onLoop(() -> {
      PeerTransport open = transport;
      if (open == null || withdrawn[track]) {
        return;
      }
      withdrawn[track] = true;
      senders.get(track).close();
      offers.withdraw(track);
      link.send(SignalRequest.newBuilder().setOffer(offers.offer(side(open.local()))).build());
    });
  }

  @Override
  public TrackSender.SendStats stats(int track) {
    return senders.get(track).stats();
  }

  @Override
  public void close() {
    onLoop(() -> end(Cause.CLOSED, "closed"));
  }

  private void end(Cause cause, String text) {
    if (over) {
      return;
    }
    over = true;
    leaveGate();
    startLimit.ifPresent(Timer::cancel);
    ticker.cancel();
    link.send(
        SignalRequest.newBuilder()
            .setLeave(LeaveRequest.newBuilder().setReason(DisconnectReason.CLIENT_INITIATED))
            .build());
    link.drop();
    PeerTransport open = transport;
    transport = null;
    if (open != null) {
      open.close();
    }
    try {
      events.ended(new End(cause, text));
    } finally {
      atEnd.run();
    }
  }

  private void leaveGate() {
    JoinGate.Ticket inside = ticket;
    ticket = null;
    if (inside != null) {
      inside.done();
    }
  }

  private void onLoop(Runnable task) {
    try {
      environment.loop().execute(task);
    } catch (RejectedExecutionException closed) {
      LOG.atDebug().log("engine is closed already");
    }
  }
}
