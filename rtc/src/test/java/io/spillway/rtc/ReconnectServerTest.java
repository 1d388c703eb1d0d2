package io.spillway.rtc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.spillway.core.media.Codec;
import io.spillway.core.time.SystemTime;
import io.spillway.rtc.TrackEvents.Cause;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a real livekit-server does to a subscription when the way to it, or itself, breaks. */
class ReconnectServerTest {
  private static final Duration SOON = Duration.ofSeconds(15);

  @TempDir Path folder;
  private final SystemTime time = new SystemTime();
  private LiveKitServer server;
  private RtcEngine publishers;
  private RtcEngine recorders;
  private final AtomicInteger tokens = new AtomicInteger();

  @BeforeEach
  void start() {
    server = LiveKitServer.start(folder);
    publishers = new RtcEngine(RtcSettings.defaults(), time, new Random(1));
    recorders = new RtcEngine(RtcSettings.defaults(), time, new Random(2));
  }

  @AfterEach
  void stop() {
    publishers.close();
    recorders.close();
    server.close();
    time.close();
  }

  private TrackSubscription subscribe(
      String url, String room, String sid, RecordedEvents events, Duration rejoin) {
    return recorders.subscribe(
        new TrackRequest(
            url,
            () -> {
              tokens.incrementAndGet();
              return server.recorderToken(room, "recorder");
            },
            sid,
            Duration.ofSeconds(5),
            rejoin,
            Duration.ZERO),
        events);
  }

  @Test
  void lostSignallingIsResumedWithoutANewJoinAndWithoutALostFrame() throws Exception {
    RecordedEvents events = new RecordedEvents();
    try (TcpProxy proxy = TcpProxy.to(server.url());
        TestPublisher publisher = new TestPublisher(publishers, time, server, "r", Codec.OPUS);
        TrackSubscription subscription =
            subscribe(proxy.url(), "r", publisher.sid(), events, Duration.ofSeconds(10))) {
      await().atMost(SOON).until(() -> events.frameCount() > 20);
      proxy.cut();
      await().atMost(SOON).until(() -> events.told.contains("reconnecting true"));
      await().atMost(SOON).until(() -> events.told.contains("reconnecting false"));
      int after = events.frameCount();
      await().atMost(SOON).until(() -> events.frameCount() > after + 50);
      assertThat(tokens).hasValue(1);
      assertThat(subscription.stats().reconnects()).isEqualTo(1);
      assertThat(subscription.stats().packetsLost()).isZero();
      // Signalling works: the server's news arrive.
      publisher.publication().mute(0, true);
      await().atMost(SOON).until(() -> events.told.contains("flow MUTED"));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Codec.class,
      names = {"OPUS", "VP8"})
  void anOlderServerIsSpokenToClassicallyAndResumedSo(Codec codec) throws Exception {
    RecordedEvents events = new RecordedEvents();
    try (TcpProxy proxy = TcpProxy.to(server.url());
        TestPublisher publisher = new TestPublisher(publishers, time, server, "r", codec)) {
      proxy.classicOnly(true);
      try (TrackSubscription subscription =
          subscribe(proxy.url(), "r", publisher.sid(), events, Duration.ofSeconds(10))) {
        await().atMost(SOON).until(() -> events.frameCount() > 20);
        proxy.cut();
        await().atMost(SOON).until(() -> events.told.contains("reconnecting false"));
        int after = events.frameCount();
        await().atMost(SOON).until(() -> events.frameCount() > after + 50);
        assertThat(tokens).hasValue(1);
        assertThat(subscription.stats().packetsLost()).isZero();
      }
    }
  }

  @Test
  void aKilledServerThatComesBackEmptyEndsAsRoomClosedAfterTheWindow() throws Exception {
    RecordedEvents events = new RecordedEvents();
    try (TestPublisher publisher = new TestPublisher(publishers, time, server, "r", Codec.OPUS)) {
      TrackSubscription _ =
          subscribe(server.url(), "r", publisher.sid(), events, Duration.ofSeconds(6));
      await().atMost(SOON).until(() -> events.frameCount() > 20);
      server.kill();
      await().atMost(SOON).until(() -> events.told.contains("reconnecting true"));
      server.restart();
      await().atMost(SOON).until(() -> events.end.isPresent());
      assertThat(events.end.orElseThrow().cause()).isEqualTo(Cause.ROOM_CLOSED);
      assertThat(tokens.get()).isGreaterThan(1);
    }
  }

  @Test
  void aServerThatStaysAwayEndsAsConnectionLostAfterTheWindow() throws Exception {
    RecordedEvents events = new RecordedEvents();
    try (TestPublisher publisher = new TestPublisher(publishers, time, server, "r", Codec.OPUS)) {
      TrackSubscription _ =
          subscribe(server.url(), "r", publisher.sid(), events, Duration.ofSeconds(3));
      await().atMost(SOON).until(() -> events.frameCount() > 20);
      server.kill();
      await().atMost(SOON).until(() -> events.end.isPresent());
      assertThat(events.end.orElseThrow().cause()).isEqualTo(Cause.CONNECTION_LOST);
    }
  }

  @Test
  void resumesThatFailAreFollowedByAFullJoinAndTheTrackGoesOn() throws Exception {
    RecordedEvents events = new RecordedEvents();
    try (TestPublisher publisher = new TestPublisher(publishers, time, server, "r", Codec.VP8);
        TcpProxy proxy = TcpProxy.to(server.url());
        TrackSubscription subscription =
            subscribe(proxy.url(), "r", publisher.sid(), events, Duration.ofSeconds(10))) {
      await().atMost(SOON).until(() -> events.frameCount() > 10);
      // Signalling is refused for a while: resumes fail, so a full join has to follow.
      proxy.refuse(true);
      proxy.cut();
      await().atMost(SOON).until(() -> events.told.contains("reconnecting true"));
      await("a fresh token: a full join").atMost(SOON).until(() -> tokens.get() > 1);
      proxy.refuse(false);
      await().atMost(SOON).until(() -> events.told.contains("reconnecting false"));
      int after = events.frameCount();
      await().atMost(SOON).until(() -> events.frameCount() > after + 20);
      assertThat(tokens.get()).isGreaterThan(1);
      List<RecordedEvents.Seen> frames = events.frames();
      assertThat(frames.stream().filter(RecordedEvents.Seen::discontinuity)).hasSize(2);
      assertThat(subscription.stats().reconnects()).isEqualTo(1);
    }
  }

  @Test
  void aHangingServerIsNoticedAndTheTrackGoesOnWhenItWakes() throws Exception {
    RecordedEvents events = new RecordedEvents();
    try (TestPublisher publisher = new TestPublisher(publishers, time, server, "r", Codec.OPUS);
        TrackSubscription _ =
            subscribe(server.url(), "r", publisher.sid(), events, Duration.ofSeconds(30))) {
      await().atMost(SOON).until(() -> events.frameCount() > 20);
      server.signal("STOP");
      try {
        await().atMost(SOON).until(() -> events.told.contains("reconnecting true"));
      } finally {
        server.signal("CONT");
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> events.told.contains("reconnecting false"));
      int after = events.frameCount();
      await().atMost(SOON).until(() -> events.frameCount() > after + 20);
      assertThat(events.end).isEmpty();
    }
  }
}
