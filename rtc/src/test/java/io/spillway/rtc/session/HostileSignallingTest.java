package io.spillway.rtc.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.spillway.core.time.SystemTime;
import io.spillway.rtc.Frame;
import io.spillway.rtc.RtcSettings;
import io.spillway.rtc.TrackDescription;
import io.spillway.rtc.TrackEvents;
import io.spillway.rtc.TrackRequest;
import io.spillway.rtc.ice.PeerTransports;
import io.spillway.rtc.net.SelectorLoop;
import io.spillway.rtc.signal.Signalling;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import livekit.LivekitModels.ParticipantInfo;
import livekit.LivekitModels.Room;
import livekit.LivekitModels.TrackInfo;
import livekit.LivekitModels.TrackType;
import livekit.LivekitRtc.JoinResponse;
import livekit.LivekitRtc.LeaveRequest;
import livekit.LivekitRtc.MediaSectionsRequirement;
import livekit.LivekitRtc.ParticipantUpdate;
import livekit.LivekitRtc.ReconnectResponse;
import livekit.LivekitRtc.SessionDescription;
import livekit.LivekitRtc.SignalRequest;
import livekit.LivekitRtc.SignalResponse;
import livekit.LivekitRtc.StreamStateInfo;
import livekit.LivekitRtc.StreamStateUpdate;
import livekit.LivekitRtc.SubscriptionPermissionUpdate;
import livekit.LivekitRtc.SubscriptionResponse;
import livekit.LivekitRtc.TrickleRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that says anything in any order ends its own session at most, and only once. */
class HostileSignallingTest {
  private static final int SEEDS = 150;
  private static final String ANSWER =
      """
      v=0
      a=fingerprint:sha-256 AA:BB
      a=ice-ufrag:uf
      a=ice-pwd:pw
      m=audio 9 UDP/TLS/RTP/SAVPF 111
      a=mid:0
      a=sendonly
      a=setup:passive
      a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host
      a=rtpmap:111 opus/48000/2
      """;

  private final SystemTime time = new SystemTime();
  private final SelectorLoop loop = new SelectorLoop("hostile", time);
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    loop.close();
    time.close();
    blocking.shutdownNow();
  }

  @Test
  void anythingInAnyOrderEndsOnlyThatSessionAndOnlyOnce() {
    PeerTransports transports =
        new PeerTransports(loop, RtcSettings.defaults(), time, new SecureRandom());
    List<Ends> all = new ArrayList<>();
    List<SubscriberSession> sessions = new ArrayList<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      Environment environment =
          new Environment(
              loop,
              transports,
              new Nonsense(seed),
              new JoinGate(4),
              new ClassicServers(),
              time,
              new Random(seed),
              blocking);
      Ends ends = new Ends();
      TrackRequest request =
          new TrackRequest(
              "ws://127.0.0.1:1",
              () -> "token",
              "TR_A",
              Duration.ofMillis(300),
              Duration.ofMillis(seed % 2 * 300),
              Duration.ofMillis(seed % 3 * 100));
      SubscriberSession session = new SubscriberSession(environment, request, ends, () -> {});
      session.start();
      all.add(ends);
      sessions.add(session);
    }
    await().during(Duration.ofMillis(500)).until(() -> true);
    sessions.forEach(SubscriberSession::close);
    await().atMost(Duration.ofSeconds(10)).until(() -> all.stream().noneMatch(Ends::open));
    for (int seed = 0; seed < SEEDS; seed++) {
      assertThat(all.get(seed).ended).as("ends of seed %d", seed).hasSize(1);
    }
    assertThat(loop.failures()).as("tasks that threw on the loop").isZero();
  }

  /** Counts ends. */
  private static final class Ends implements TrackEvents {
    final List<End> ended = new CopyOnWriteArrayList<>();

    boolean open() {
      return ended.isEmpty();
    }

    @Override
    public void joined(String roomSid, String roomName, String participantSid) {}

    @Override
    public void subscribed(TrackDescription track) {}

    @Override
    public void frame(Frame frame) {}

    @Override
    public void flow(Flow flow) {}

    @Override
    public void reconnecting(boolean underWay) {}

    @Override
    public void ended(End end) {
      ended.add(end);
    }
  }

  /** Answers every connection with messages made of chance. */
  private static final class Nonsense implements Signalling {
    private final Random random;

    Nonsense(long seed) {
      random = new Random(seed);
    }

    @Override
    public Link open(URI address, String token, Listener listener) {
      int count = random.nextInt(40);
      List<SignalResponse> messages = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        messages.add(i == 0 && random.nextInt(4) > 0 ? join() : message());
      }
      boolean closes = random.nextBoolean();
      int status = List.of(0, 404, 401, 500).get(random.nextInt(4));
      Thread.ofVirtual().start(() -> talk(listener, messages, closes, status));
      return new Link() {
        @Override
        public void send(SignalRequest message) {}

        @Override
        public void close() {}
      };
    }

    private static void talk(
        Listener listener, List<SignalResponse> messages, boolean closes, int status) {
      if (!messages.isEmpty()) {
        listener.opened();
        messages.forEach(listener::message);
      }
      if (closes) {
        listener.closed(new Closed(messages.isEmpty() ? status : 0, "nonsense"));
      }
    }

    private SignalResponse join() {
      return SignalResponse.newBuilder()
          .setJoin(
              JoinResponse.newBuilder()
                  .setRoom(Room.newBuilder().setSid("RM_" + random.nextInt(2)))
                  .setPingInterval(random.nextInt())
                  .setPingTimeout(random.nextInt())
                  .addOtherParticipants(participant()))
          .build();
    }

    private ParticipantInfo participant() {
      TrackType[] types = {TrackType.AUDIO, TrackType.VIDEO, TrackType.DATA};
      List<String> mimes = List.of("", "audio/opus", "video/VP8", "audio/red", "x");
      return ParticipantInfo.newBuilder()
          .setSid("PA_" + random.nextInt(2))
          .setIdentity("p" + random.nextInt(2))
          .setStateValue(random.nextInt(5))
          .addTracks(
              TrackInfo.newBuilder()
                  .setSid(random.nextInt(3) > 0 ? "TR_A" : "TR_B")
                  .setType(types[random.nextInt(3)])
                  .setMuted(random.nextBoolean())
                  .setMimeType(mimes.get(random.nextInt(mimes.size()))))
          .build();
    }

    private SessionDescription description() {
      StringBuilder text = new StringBuilder(ANSWER);
      for (int i = random.nextInt(8); i > 0; i--) {
        text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(128));
      }
      return SessionDescription.newBuilder()
          .setSdp(text.toString())
          .setId(random.nextInt(3))
          .putMidToTrackId("0", random.nextBoolean() ? "TR_A" : "?")
          .build();
    }

    private SignalResponse message() {
      SignalResponse.Builder message = SignalResponse.newBuilder();
      switch (random.nextInt(13)) {
        case 0 -> message.setAnswer(description());
        case 1 -> message.setOffer(description());
        case 2 ->
            message.setTrickle(
                TrickleRequest.newBuilder().setCandidateInit("{\"candidate\":\"candidate:9 x"));
        case 3 -> message.setUpdate(ParticipantUpdate.newBuilder().addParticipants(participant()));
        case 4 ->
            message.setSubscriptionPermissionUpdate(
                SubscriptionPermissionUpdate.newBuilder().setTrackSid("TR_A"));
        case 5 ->
            message.setMediaSectionsRequirement(
                MediaSectionsRequirement.newBuilder()
                    .setNumAudios(random.nextInt())
                    .setNumVideos(random.nextInt()));
        case 6 ->
            message.setSubscriptionResponse(
                SubscriptionResponse.newBuilder()
                    .setTrackSid("TR_A")
                    .setErrValue(random.nextInt(5)));
        case 7 ->
            message.setStreamStateUpdate(
                StreamStateUpdate.newBuilder()
                    .addStreamStates(
                        StreamStateInfo.newBuilder()
                            .setTrackSid("TR_A")
                            .setStateValue(random.nextInt(4))));
        case 8 ->
            message.setLeave(
                LeaveRequest.newBuilder()
                    .setReasonValue(random.nextInt(30))
                    .setActionValue(random.nextInt(5)));
        case 9 -> message.setReconnect(ReconnectResponse.getDefaultInstance());
        case 10 -> message.setRefreshToken("t");
        case 11 -> {
          return join();
        }
        default -> {
          return bytes();
        }
      }
      return message.build();
    }

    private SignalResponse bytes() {
      byte[] noise = new byte[random.nextInt(60)];
      random.nextBytes(noise);
      try {
        return SignalResponse.parseFrom(noise);
      } catch (InvalidProtocolBufferException unreadable) {
        return SignalResponse.getDefaultInstance();
      }
    }
  }
}
