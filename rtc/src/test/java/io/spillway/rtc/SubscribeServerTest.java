package io.spillway.rtc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.spillway.core.media.Codec;
import io.spillway.core.time.SystemTime;
import io.spillway.rtc.TrackEvents.Cause;
import io.spillway.rtc.srtp.SrtpProfile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Subscriptions and publications of the real engine through a real livekit-server. */
class SubscribeServerTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir static Path folder;
  private static LiveKitServer server;
  private static SystemTime time;
  private static RtcEngine engine;

  @BeforeAll
  static void start() {
    server = LiveKitServer.start(folder);
    time = new SystemTime();
    engine = new RtcEngine(RtcSettings.defaults(), time, new Random(7));
  }

  @AfterAll
  static void stop() {
    if (engine != null) {
      engine.close();
      time.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static TrackSubscription subscribe(String room, String sid, RecordedEvents events) {
    return subscribe(room, sid, events, Duration.ofSeconds(5), Duration.ZERO);
  }

  private static TrackSubscription subscribe(
      String room, String sid, RecordedEvents events, Duration rejoin, Duration follow) {
    return engine.subscribe(request(room, sid, rejoin, follow), events);
  }

  private static TrackRequest request(String room, String sid) {
    return request(room, sid, Duration.ofSeconds(5), Duration.ZERO);
  }

  private static TrackRequest request(String room, String sid, Duration rejoin, Duration follow) {
    return new TrackRequest(
        server.url(),
        () -> server.recorderToken(room, "recorder"),
        sid,
        Duration.ofSeconds(3),
        rejoin,
        follow);
  }

  @ParameterizedTest
  @EnumSource(
      value = Codec.class,
      names = {"OPUS", "VP8"})
  void everyFrameComesOutAsItWentIn(Codec codec) throws Exception {
    String room = "whole-" + codec;
    RecordedEvents events = new RecordedEvents();
    try (TestPublisher publisher = new TestPublisher(engine, time, server, room, codec)) {
      TrackSubscription subscription = subscribe(room, publisher.sid(), events);
      await().atMost(SOON).until(() -> events.frameCount() >= 50);
      assertThat(events.told).startsWith("joined " + room, "subscribed");
      assertThat(events.description.orElseThrow().codec()).isEqualTo(codec);
      assertThat(events.description.orElseThrow().publisherIdentity()).isEqualTo("publisher");
      List<Integer> numbers = events.frames().stream().map(TestPublisher::number).toList();
      for (int i = 1; i < numbers.size(); i++) {
        assertThat(numbers.get(i)).as("frame %d", i).isEqualTo(numbers.get(i - 1) + 1);
      }
      assertThat(events.frames().getFirst().discontinuity()).isTrue();
      subscription.close();
      await().atMost(SOON).until(() -> events.end.isPresent());
      assertThat(events.end.orElseThrow().cause()).isEqualTo(Cause.CLOSED);
      assertThat(subscription.stats().packetsLost()).isZero();
      assertThat(subscription.stats().packetsReceived())
          .isEqualTo(subscription.stats().packetsExpected());
    }
  }

  /** livekit-server takes the one that is offered; of several it always takes the same. */
  @ParameterizedTest
  @EnumSource
  void everyProfileProtectsBothWays(SrtpProfile profile) throws Exception {
    RtcSettings usual = RtcSettings.defaults();
    RtcSettings only =
        new RtcSettings(1, usual.udpReceiveBufferBytes(), 0, 0, 32, List.of(profile));
    String room = "profile-" + profile;
    RecordedEvents events = new RecordedEvents();
    try (RtcEngine one = new RtcEngine(only, time, new Random(8));
        TestPublisher publisher = new TestPublisher(one, time, server, room, Codec.VP8);
        TrackSubscription subscription = one.subscribe(request(room, publisher.sid()), events)) {
      await().atMost(SOON).until(() -> events.frameCount() >= 50);
      assertThat(subscription.stats().packetsLost()).isZero();
    }
  }

  @Test
  void theFirstFrameComesSoonAfterTheStart() throws Exception {
    String room = "fast";
    try (TestPublisher publisher = new TestPublisher(engine, time, server, room, Codec.OPUS)) {
      String sid = publisher.sid();
      List<Long> millis = new ArrayList<>();
      for (int i = 0; i < 21; i++) {
        RecordedEvents events = new RecordedEvents();
        long startNanos = System.nanoTime();
        try (TrackSubscription _ = subscribe(room, sid, events)) {
          await()
              .atMost(SOON)
              .pollInterval(Duration.ofMillis(5))
              .until(() -> events.frameCount() > 0);
        }
        millis.add((events.firstFrameNanos - startNanos) / 1_000_000);
        await().atMost(SOON).until(() -> events.end.isPresent());
      }
      System.out.println("join to first frame, ms: " + millis);
      Collections.sort(millis);
      assertThat(millis.get(millis.size() / 2)).as("median of %s", millis).isLessThan(150);
    }
  }

  @Test
  void anUnknownTrackEndsAsNotFoundAfterTheSubscribeTimeout() throws Exception {
    String room = "absent";
    try (TestPublisher publisher = new TestPublisher(engine, time, server, room, Codec.OPUS)) {
      assertThat(publisher.sid()).startsWith("TR_A");
      RecordedEvents events = new RecordedEvents();
      TrackSubscription _ = subscribe(room, "TR_AMnone", events);
      await().atMost(SOON).until(() -> events.end.isPresent());
      assertThat(events.end.orElseThrow().cause()).isEqualTo(Cause.TRACK_NOT_FOUND);
    }
  }

  @Test
  void aBadTokenEndsTheJoinAtOnceWithTheServersAnswer() {
    RecordedEvents events = new RecordedEvents();
    TrackRequest request =
        new TrackRequest(server.url(), () -> "nonsense", "TR_AMx", SOON, SOON, Duration.ZERO);
    TrackSubscription _ = engine.subscribe(request, events);
    await().atMost(SOON).until(() -> events.end.isPresent());
    assertThat(events.end.orElseThrow().cause()).isEqualTo(Cause.JOIN_FAILED);
    assertThat(events.end.orElseThrow().text()).contains("401");
  }

  @Test
  void muteAndUnmuteAreTold() throws Exception {
    String room = "mute";
    RecordedEvents events = new RecordedEvents();
    try (TestPublisher publisher = new TestPublisher(engine, time, server, room, Codec.OPUS);
        TrackSubscription _ = subscribe(room, publisher.sid(), events)) {
      await().atMost(SOON).until(() -> events.frameCount() > 5);
      publisher.publication().mute(0, true);
      await().atMost(SOON).until(() -> events.told.contains("flow MUTED"));
      publisher.publication().mute(0, false);
      await().atMost(SOON).until(() -> events.told.contains("flow FLOWING"));
    }
  }

  @Test
  void aTrackThatIsMutedFromTheStartIsSubscribedAllTheSame() throws Exception {
    String room = "muted";
    RecordedEvents events = new RecordedEvents();
    try (TestPublisher publisher = new TestPublisher(engine, time, server, room, Codec.OPUS)) {
      String sid = publisher.sid();
      await().atMost(SOON).until(() -> publisher.written() > 10);
      publisher.pause();
      publisher.publication().mute(0, true);
      try (TrackSubscription _ = subscribe(room, sid, events)) {
        await().atMost(Duration.ofSeconds(2)).until(() -> events.told.contains("subscribed"));
        assertThat(events.description.orElseThrow().muted()).isTrue();
        publisher.publication().mute(0, false);
        publisher.resume();
        await().atMost(SOON).until(() -> events.frameCount() > 5);
        assertThat(events.told).contains("flow FLOWING");
      }
    }
  }

  @Test
  void anUnpublishedTrackEndsTheSubscription() throws Exception {
    String room = "unpublish";
    RecordedEvents events = new RecordedEvents();
    try (TestPublisher publisher = new TestPublisher(engine, time, server, room, Codec.VP8);
        TrackSubscription _ = subscribe(room, publisher.sid(), events)) {
      await().atMost(SOON).until(() -> events.frameCount() > 5);
      publisher.publication().unpublish(0);
      await().atMost(SOON).until(() -> events.end.isPresent());
      assertThat(events.end.orElseThrow().cause()).isEqualTo(Cause.TRACK_UNPUBLISHED);
    }
  }

  @Test
  void aPublisherThatLeavesEndsTheSubscription() throws Exception {
    String room = "leave";
    RecordedEvents events = new RecordedEvents();
    TestPublisher publisher = new TestPublisher(engine, time, server, room, Codec.OPUS);
    TrackSubscription _ = subscribe(room, publisher.sid(), events);
    await().atMost(SOON).until(() -> events.frameCount() > 5);
    publisher.close();
    await().atMost(SOON).until(() -> events.end.isPresent());
    assertThat(events.end.orElseThrow().cause()).isEqualTo(Cause.PARTICIPANT_LEFT);
  }

  @Test
  void aDeletedRoomEndsTheSubscription(TestInfo info) throws Exception {
    String room = "delete";
    RecordedEvents events = new RecordedEvents();
    try (TestPublisher publisher = new TestPublisher(engine, time, server, room, Codec.OPUS);
        TrackSubscription _ = subscribe(room, publisher.sid(), events)) {
      await().atMost(SOON).until(() -> events.frameCount() > 5);
      server.roomService(room, "DeleteRoom", "{\"room\":\"delete\"}");
      await(info.getDisplayName()).atMost(SOON).until(() -> events.end.isPresent());
      // The server empties a room before it closes it: which of these is told first is chance.
      assertThat(events.end.orElseThrow().cause())
          .isIn(Cause.ROOM_CLOSED, Cause.PARTICIPANT_LEFT, Cause.TRACK_UNPUBLISHED);
    }
  }

  @Test
  void aRecorderThatIsReplacedEndsAndStaysOut() throws Exception {
    String room = "replace";
    RecordedEvents first = new RecordedEvents();
    RecordedEvents second = new RecordedEvents();
    try (TestPublisher publisher = new TestPublisher(engine, time, server, room, Codec.OPUS);
        TrackSubscription _ = subscribe(room, publisher.sid(), first)) {
      await().atMost(SOON).until(() -> first.frameCount() > 5);
      try (TrackSubscription _ = subscribe(room, publisher.sid(), second)) {
        await().atMost(SOON).until(() -> first.end.isPresent());
        assertThat(first.end.orElseThrow().cause()).isEqualTo(Cause.DUPLICATE_IDENTITY);
        await().atMost(SOON).until(() -> second.frameCount() > 100);
        assertThat(second.end).isEmpty();
      }
    }
  }

  @Test
  void aRecorderThatIsRemovedEnds() throws Exception {
    String room = "remove";
    RecordedEvents events = new RecordedEvents();
    try (TestPublisher publisher = new TestPublisher(engine, time, server, room, Codec.OPUS);
        TrackSubscription _ = subscribe(room, publisher.sid(), events)) {
      await().atMost(SOON).until(() -> events.frameCount() > 5);
      server.roomService(
          room, "RemoveParticipant", "{\"room\":\"remove\",\"identity\":\"recorder\"}");
      await().atMost(SOON).until(() -> events.end.isPresent());
      assertThat(events.end.orElseThrow().cause()).isEqualTo(Cause.REMOVED);
    }
  }

  @Test
  void aTrackThatIsPublishedAnewIsFollowedWhenAsked() throws Exception {
    String room = "follow";
    RecordedEvents events = new RecordedEvents();
    TestPublisher first = new TestPublisher(engine, time, server, room, Codec.OPUS);
    try (TrackSubscription _ =
        subscribe(room, first.sid(), events, Duration.ofSeconds(5), Duration.ofSeconds(10))) {
      await().atMost(SOON).until(() -> events.frameCount() > 5);
      first.close();
      await().atMost(SOON).until(() -> events.told.contains("reconnecting true"));
      int before = events.frameCount();
      try (TestPublisher second = new TestPublisher(engine, time, server, room, Codec.OPUS)) {
        await().atMost(SOON).until(() -> events.frameCount() > before + 20);
        assertThat(events.description.orElseThrow().sid()).isEqualTo(second.sid());
        assertThat(events.told).contains("reconnecting false");
        assertThat(events.frames().subList(before, events.frameCount()))
            .anyMatch(RecordedEvents.Seen::discontinuity);
      }
    }
  }
}
