package io.spillway.rtc.session;

import io.spillway.core.media.Codec;
import io.spillway.rtc.TrackRequest;
import io.spillway.rtc.ice.RemoteParameters;
import io.spillway.rtc.rtp.PayloadType;
import io.spillway.rtc.session.SessionEvent.Refusal;
import io.spillway.rtc.signal.ClassicNegotiator;
import io.spillway.rtc.signal.JoinAddress;
import io.spillway.rtc.signal.Negotiation;
import io.spillway.rtc.signal.RemoteTrack;
import io.spillway.rtc.signal.SdpException;
import io.spillway.rtc.signal.SdpWriter;
import io.spillway.rtc.signal.Signalling;
import io.spillway.rtc.signal.SingleNegotiator;
import io.spillway.rtc.signal.TrackWatch;
import io.spillway.rtc.signal.Trickle;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import livekit.LivekitModels.DisconnectReason;
import livekit.LivekitModels.ParticipantInfo;
import livekit.LivekitModels.Room;
import livekit.LivekitModels.VideoQuality;
import livekit.LivekitRtc.JoinResponse;
import livekit.LivekitRtc.LeaveRequest;
import livekit.LivekitRtc.MediaSectionsRequirement;
import livekit.LivekitRtc.SessionDescription;
import livekit.LivekitRtc.SignalRequest;
import livekit.LivekitRtc.SignalResponse;
import livekit.LivekitRtc.StreamState;
import livekit.LivekitRtc.StreamStateInfo;
import livekit.LivekitRtc.SubscriptionResponse;
import livekit.LivekitRtc.UpdateSubscription;
import livekit.LivekitRtc.UpdateTrackSettings;

/**
 * The conversation with the server about one track: join, subscription, descriptions. Turns
 * messages into {@link SessionEvent}s and effects into messages. Loop thread only.
 *
 * <p>Two dialects: over one peer connection ({@code /rtc/v1}, our offers; a join costs one round
 * trip less and none of the server's 150 ms negotiation pause) and the classic one ({@code /rtc},
 * the server's offers) for servers that answer 404 to the first.
 */
final class RoomTalk implements RoomLink.Owner {
  /** Hears what the conversation brings. */
  interface Owner {
    void happened(SessionEvent event);

    /** The room's sid is known (a JOIN can come without it). */
    void room(String sid, String name, String participantSid);

    /** The track's description, new or changed. */
    void described(RemoteTrack track);

    /** The SFU paused or resumed the track for us. */
    void paused(boolean paused);
  }

  private static final int NOT_FOUND = 404;
  private static final int MAX_OFFERS = 64;

  private final Environment environment;
  private final TrackRequest request;
  private final MediaPath path;
  private final Owner owner;
  private final RoomLink link;
  private final TrackWatch watch;

  private SingleNegotiator single;
  private ClassicNegotiator classic = new ClassicNegotiator();
  private boolean classicDialect;
  private boolean fallingBack;
  private boolean joined;
  private boolean resuming;
  private boolean listing;
  private final Set<String> listed = new HashSet<>();
  private boolean offerWanted;
  private int offers;
  private String token = "";
  private String roomSid = "";
  private String roomName = "";
  private String participantSid = "";

  RoomTalk(Environment environment, TrackRequest request, MediaPath path, Owner owner) {
    this.environment = environment;
    this.request = request;
    this.path = path;
    this.owner = owner;
    this.link = new RoomLink(environment, this);
    this.watch = new TrackWatch(request.trackSid(), !request.followWindow().isZero());
    this.single = new SingleNegotiator(request.trackSid());
  }

  // Effects

  /** Opens a transport and signalling. */
  void join(String freshToken, List<InetAddress> towards) {
    token = freshToken;
    joined = false;
    resuming = false;
    listing = false;
    fallingBack = false;
    offerWanted = false;
    offers = 0;
    long nowNanos = environment.time().nanos();
    classicDialect = environment.classicServers().contains(request.serverUrl(), nowNanos);
    try {
      SdpWriter.Side side = path.open(towards);
      openSignalling(side);
    } catch (IOException cause) {
      owner.happened(new SessionEvent.SignalLost("could not open a UDP socket: " + cause));
    } catch (IllegalArgumentException cause) {
      owner.happened(new SessionEvent.JoinRefused(0, "bad server address: " + cause));
    }
  }

  /** Breaks signalling that may be deaf, so that the session takes it up again. */
  void doubt(String why) {
    if (link.isOpen()) {
      link.drop();
      owner.happened(new SessionEvent.SignalLost(why));
    }
  }

  private void openSignalling(SdpWriter.Side side) {
    if (classicDialect) {
      classic = new ClassicNegotiator();
      link.open(JoinAddress.classic(request.serverUrl()), token);
    } else {
      single = new SingleNegotiator(watch.sid());
      SessionDescription offer = single.offer(side);
      offers++;
      link.open(JoinAddress.single(request.serverUrl(), Optional.of(offer), List.of()), token);
    }
  }

  /** Takes signalling up again; the server closed or lost the one before. */
  void resume() {
    resuming = true;
    link.open(
        classicDialect
            ? JoinAddress.classicResume(request.serverUrl(), participantSid)
            : JoinAddress.singleResume(request.serverUrl(), participantSid),
        token);
  }

  /** Asks for the track in its best layer. */
  void subscribe() {
    Optional<RemoteTrack> track = watch.current();
    if (track.isEmpty() || track.get().codec().isEmpty()) {
      return; // gone again: its own event follows
    }
    Codec codec = track.get().codec().get();
    String sid = track.get().sid();
    Negotiation.Wanted wanted = new Negotiation.Wanted(sid, codec);
    single.want(wanted);
    classic.want(wanted);
    if (!classicDialect) {
      path.expect(codec, SingleNegotiator.payloadTypes(codec));
    }
    link.send(
        SignalRequest.newBuilder()
            .setSubscription(UpdateSubscription.newBuilder().addTrackSids(sid).setSubscribe(true))
            .build());
    if (codec.kind() == Codec.Kind.VIDEO) {
      link.send(
          SignalRequest.newBuilder()
              .setTrackSetting(
                  UpdateTrackSettings.newBuilder().addTrackSids(sid).setQuality(VideoQuality.HIGH))
              .build());
    }
  }

  /** New ICE credentials on our side; in the classic dialect the server does it on a resume. */
  void restartIce() {
    if (classicDialect) {
      resume();
    } else {
      sendOffer(path.restartedSide());
    }
  }

  /** Says good-bye and closes. */
  void leave() {
    link.send(
        SignalRequest.newBuilder()
            .setLeave(
                LeaveRequest.newBuilder()
                    .setReason(DisconnectReason.CLIENT_INITIATED)
                    .setAction(LeaveRequest.Action.DISCONNECT))
            .build());
    link.drop();
  }

  /** Closes without a word. */
  void drop() {
    link.drop();
  }

  Optional<RemoteTrack> track() {
    return watch.last();
  }

  // The server's messages

  @Override
  public void lost(Signalling.Closed why) {
    if (joined || resuming) {
      owner.happened(
          refusal(why)
              ? new SessionEvent.JoinRefused(why.httpStatus(), why.text())
              : new SessionEvent.SignalLost(why.text()));
    } else if (why.httpStatus() == NOT_FOUND && !classicDialect) {
      // Either the server doesn't know /rtc/v1, or the room isn't there: /rtc tells.
      classicDialect = true;
      fallingBack = true;
      classic = new ClassicNegotiator();
      link.open(JoinAddress.classic(request.serverUrl()), token);
    } else {
      owner.happened(
          refusal(why)
              ? new SessionEvent.JoinRefused(why.httpStatus(), why.text())
              : new SessionEvent.SignalLost(why.text()));
    }
  }

  private static boolean refusal(Signalling.Closed why) {
    // 429 asks to come again later.
    return why.httpStatus() >= 400 && why.httpStatus() < 500 && why.httpStatus() != 429;
  }

  @Override
  public void received(SignalResponse message) {
    try {
      switch (message.getMessageCase()) {
        case JOIN -> join(message.getJoin());
        case RECONNECT -> resumed();
        case ANSWER -> answer(message.getAnswer());
        case OFFER -> offer(message.getOffer());
        case TRICKLE ->
            Trickle.candidate(message.getTrickle().getCandidateInit()).ifPresent(path::candidate);
        case UPDATE -> updated(message.getUpdate().getParticipantsList());
        case SUBSCRIPTION_PERMISSION_UPDATE ->
            offerFor(message.getSubscriptionPermissionUpdate().getTrackSid());
        case MEDIA_SECTIONS_REQUIREMENT -> required(message.getMediaSectionsRequirement());
        case SUBSCRIPTION_RESPONSE -> subscriptionFailed(message.getSubscriptionResponse());
        case STREAM_STATE_UPDATE ->
            message.getStreamStateUpdate().getStreamStatesList().forEach(this::streamState);
        case ROOM_UPDATE -> {
          room(message.getRoomUpdate().getRoom());
          wholeListCame();
        }
        case REFRESH_TOKEN -> token = message.getRefreshToken();
        case LEAVE -> owner.happened(Leaves.read(message.getLeave()));
        default -> {} // speakers, quality, data: not a recorder's business
      }
    } catch (RuntimeException unusable) {
      // Whatever a message brings about must end this session at most.
      link.drop();
      owner.happened(new SessionEvent.SignalLost("unusable message: " + unusable));
    }
  }

  private void join(JoinResponse join) {
    if (joined || resuming) {
      return;
    }
    joined = true;
    if (fallingBack) {
      environment.classicServers().add(request.serverUrl(), environment.time().nanos());
    }
    link.keepAlive(join.getPingInterval(), join.getPingTimeout());
    String before = roomSid;
    participantSid = join.getParticipant().getSid();
    room(join.getRoom());
    TrackWatch.Change change = watch.joined(join.getOtherParticipantsList());
    boolean sameRoom = before.isEmpty() || before.equals(roomSid);
    if (change instanceof TrackWatch.Change.Appeared appeared) {
      described(appeared.track());
      if (appeared.track().codec().isPresent()) {
        owner.happened(new SessionEvent.Joined(true, sameRoom));
      }
    } else {
      owner.happened(new SessionEvent.Joined(false, sameRoom));
    }
  }

  private void room(Room room) {
    if (!room.getName().isEmpty()) {
      roomName = room.getName();
    }
    if (!room.getSid().isEmpty()) {
      roomSid = room.getSid();
      owner.room(roomSid, roomName, participantSid);
    }
  }

  private void resumed() {
    if (resuming) {
      resuming = false;
      listing = true;
      listed.clear();
      link.keepAlive();
      owner.happened(new SessionEvent.Resumed());
    }
  }

  private void updated(List<ParticipantInfo> changed) {
    if (listing) {
      changed.forEach(participant -> listed.add(participant.getSid()));
    }
    changed(watch.updated(changed));
  }

  /**
   * After a resume livekit-server lists everybody, then the room (rtc/room.go, ResumeParticipant).
   * A publisher that isn't in the list may have left while we did not hear; a JOIN tells for sure.
   */
  private void wholeListCame() {
    if (!listing) {
      return;
    }
    listing = false;
    if (watch.current().filter(track -> !listed.contains(track.publisherSid())).isPresent()) {
      owner.happened(
          new SessionEvent.ServerLeft(
              SessionEvent.Leave.REJOIN, "the publisher is not in the list after the resume"));
    }
  }

  private void changed(TrackWatch.Change change) {
    switch (change) {
      case TrackWatch.Change.Nothing _ -> {}
      case TrackWatch.Change.Appeared appeared -> {
        if (joined) {
          described(appeared.track());
          owner.happened(new SessionEvent.TrackAppeared());
        }
      }
      case TrackWatch.Change.Updated updated -> described(updated.track());
      case TrackWatch.Change.Unpublished _ -> owner.happened(new SessionEvent.TrackUnpublished());
      case TrackWatch.Change.PublisherLeft _ -> owner.happened(new SessionEvent.PublisherLeft());
    }
  }

  private void described(RemoteTrack track) {
    if (track.codec().isEmpty()) {
      owner.happened(new SessionEvent.CodecUnknown(track.mimeType()));
    } else {
      owner.described(track);
    }
  }

  private void streamState(StreamStateInfo state) {
    if (state.getTrackSid().equals(watch.sid())) {
      owner.paused(state.getState() == StreamState.PAUSED);
    }
  }

  private void subscriptionFailed(SubscriptionResponse response) {
    if (response.getTrackSid().equals(watch.sid())) {
      Refusal refusal =
          switch (response.getErr()) {
            case SE_TRACK_NOTFOUND -> Refusal.TRACK_NOT_FOUND;
            case SE_CODEC_UNSUPPORTED -> Refusal.CODEC_UNSUPPORTED;
            default -> Refusal.OTHER;
          };
      owner.happened(new SessionEvent.SubscriptionRefused(refusal));
    }
  }

  // Descriptions

  /**
   * The server resolved the track and is about to add it to the peer connection. Offering at once
   * saves the pause after which it would ask for an offer itself; should the offer come too early,
   * its {@link MediaSectionsRequirement} still comes.
   */
  private void offerFor(String trackSid) {
    if (!classicDialect && trackSid.equals(watch.sid())) {
      sendOffer(path.side());
    }
  }

  private void required(MediaSectionsRequirement requirement) {
    if (!classicDialect) {
      single.require(requirement.getNumAudios(), requirement.getNumVideos());
      sendOffer(path.side());
    }
  }

  private void sendOffer(SdpWriter.Side side) {
    if (single.offerPending()) {
      offerWanted = true;
      return;
    }
    if (++offers > MAX_OFFERS) {
      throw new SdpException("the server asks for ever more offers");
    }
    offerWanted = false;
    link.send(SignalRequest.newBuilder().setOffer(single.offer(side)).build());
  }

  private void answer(SessionDescription answer) {
    if (classicDialect) {
      return;
    }
    settle(single.answer(answer));
    if (offerWanted) {
      sendOffer(path.side());
    }
  }

  private void offer(SessionDescription offer) {
    if (!classicDialect) {
      return;
    }
    RemoteParameters remote = ClassicNegotiator.remote(offer);
    SdpWriter.Side side = path.restarts(remote) ? path.restartedSide() : path.side();
    ClassicNegotiator.Answered answered = classic.answer(offer, side);
    List<PayloadType> types = answered.settled().payloadTypes();
    if (!types.isEmpty()) {
      path.expect(types.getFirst().codec(), types);
    }
    link.send(SignalRequest.newBuilder().setAnswer(answered.answer()).build());
    settle(answered.settled());
  }

  private void settle(Negotiation negotiation) {
    path.take(negotiation.remote());
    if (!negotiation.payloadTypes().isEmpty()) {
      owner.happened(new SessionEvent.Negotiated());
    }
  }
}
