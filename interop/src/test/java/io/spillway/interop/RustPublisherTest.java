package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tracks of LiveKit's Rust core, and everything a publisher can do while it is recorded. */
class RustPublisherTest {
  private static final Duration LENGTH = Duration.ofSeconds(5);
  private static final Duration A_MOMENT = Duration.ofSeconds(2);
  private static final Duration STILL = Duration.ofMillis(500);

  @TempDir static Path folder;
  private static Stage stage;

  @BeforeAll
  static void open() {
    stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT);
  }

  @AfterAll
  static void close() {
    stage.close();
  }

  @Test
  void aToneIsRecordedWithoutAGap() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("tone", "rust")) {
      Stage.Take take = stage.record("tone", publisher.publishAudio(), LENGTH);

      var media = take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
      assertThat(media.silentMillis(Duration.ofMillis(300), LENGTH.minusMillis(300))).isZero();
      stage.nothingWasLost();
    }
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, true"})
  void aToneWithDtxOrRedIsRecordedWithoutAGap(boolean dtx, boolean red) throws Exception {
    String room = "tone-" + dtx + "-" + red;
    try (RustPublisher publisher = stage.rustPublisher(room, "rust")) {
      Stage.Take take = stage.record(room, publisher.publishAudio(dtx, red), LENGTH);

      take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
    }
  }

  @ParameterizedTest
  @CsvSource({"vp8, vp8", "h264, h264"})
  void aPictureIsRecorded(String codec, String ffmpegName) throws Exception {
    String room = "picture-" + codec;
    try (RustPublisher publisher = stage.rustPublisher(room, "rust")) {
      Stage.Take take = stage.record(room, publisher.publishVideo(codec, 640, 360), LENGTH);

      take.media().plays(ffmpegName).lasts(take.asked()).moves(STILL);
      assertThat(take.file().getFilename()).endsWith(codec.equals("vp8") ? ".webm" : ".mp4");
      stage.nothingWasLost();
    }
  }

  @Test
  void aMutedSpanIsSilenceAndTheFileIsNotShorter() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("mute", "rust")) {
      String id = stage.begin("mute", publisher.publishAudio());
      Stage.letPass(A_MOMENT);
      publisher.mute("audio");
      Stage.letPass(A_MOMENT);
      publisher.unmute("audio");
      Stage.letPass(A_MOMENT);
      Stage.Take take = stage.end(id);

      var media = take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
      assertThat(media.silentMillis(Duration.ZERO, take.asked())).isBetween(1500L, 2600L);
    }
  }

  @Test
  void aTrackMutedAtTheEndIsAsLongAsAsked() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("mute-end", "rust")) {
      String sound = stage.begin("mute-end", publisher.publishAudio());
      String picture = stage.begin("mute-end", publisher.publishVideo("vp8", 320, 180));
      Stage.letPass(A_MOMENT);
      publisher.mute("audio");
      publisher.mute("video");
      Stage.letPass(A_MOMENT);

      Stage.Take heard = stage.end(sound);
      heard.media().plays("opus").lasts(heard.asked());
      Stage.Take seen = stage.end(picture);
      seen.media().plays("vp8").lasts(seen.asked());
    }
  }

  @Test
  void aStartOnAMutedTrackIsActiveWithinASecondAndRecordsSilence() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("muted", "rust")) {
      String track = publisher.publishAudio();
      publisher.mute("audio");
      Instant asked = Instant.now();
      String id = stage.begin("muted", track);
      assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(1));
      Stage.letPass(A_MOMENT);
      Stage.Take take = stage.end(id);

      var media = take.media().plays("opus").lasts(take.asked());
      assertThat(media.silentMillis(Duration.ZERO, take.asked()))
          .as("silence in %s, which decodes to %s", take.asked(), media.decodedLength())
          .isGreaterThan(1500);
    }
  }

  @Test
  void anUnpublishedTrackEndsItsRecording() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("unpublish", "rust")) {
      String id = stage.begin("unpublish", publisher.publishAudio());
      Stage.letPass(A_MOMENT);
      Instant end = Instant.now();
      publisher.unpublish("audio");

      endsBySource(stage.awaitEnd(id, end));
    }
  }

  @Test
  void aPublisherThatLeavesEndsItsRecordingsAndMayComeBack() throws Exception {
    String id;
    try (RustPublisher publisher = stage.rustPublisher("leave", "rust")) {
      id = stage.begin("leave", publisher.publishVideo("vp8", 320, 180));
      Stage.letPass(A_MOMENT);
      publisher.leave();
    }
    endsBySource(stage.awaitEnd(id, Instant.now()));

    try (RustPublisher publisher = stage.rustPublisher("leave", "rust")) {
      Stage.Take take = stage.record("leave", publisher.publishAudio(), A_MOMENT);
      take.media().plays("opus").lasts(take.asked());
    }
  }

  @Test
  void aDeletedRoomEndsItsRecordings() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("deleted", "rust")) {
      String id = stage.begin("deleted", publisher.publishAudio());
      Stage.letPass(A_MOMENT);
      Instant end = Instant.now();
      stage.server().deleteRoom("deleted");

      endsBySource(stage.awaitEnd(id, end));
    }
  }

  private static void endsBySource(Stage.Take take) throws Exception {
    EgressInfo info = take.info();
    assertThat(info.getStatus()).as("%s", info).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(info.getDetails()).isEqualTo("End reason: Source closed");
    // The publisher's last second may be buffered anywhere between it and us when it goes.
    take.media().lasts(take.asked(), Duration.ofSeconds(1));
  }
}
