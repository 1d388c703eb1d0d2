package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tracks of LiveKit's Rust core, and everything a publisher can do while it is recorded. */
class RustPublisherTest {
  private static final Duration LENGTH = Duration.ofSeconds(5);
  private static final Duration A_MOMENT = Duration.ofSeconds(2);
  private static final Duration STILL = Duration.ofMillis(500);
  private static final Offset<Long> TOLERANCE = within(RecordedMedia.TOLERANCE.toMillis());

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

  @Test
  void aPauseOfATrackWithDtxIsAlmostNoPacketsAndItsWholeLengthOfSilence() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("dtx", "rust")) {
      String id = stage.begin("dtx", publisher.publishAudio(true, false));
      Stage.letPass(A_MOMENT);
      double speaking = stage.packetRate(A_MOMENT);
      Instant hushed = publisher.hush();
      Stage.letPass(A_MOMENT); // by then its source's queue is played out
      double paused = stage.packetRate(A_MOMENT);
      Duration pause = Duration.between(hushed, publisher.speak());
      Stage.letPass(A_MOMENT);
      Stage.Take take = stage.end(id);

      assertThat(speaking).as("packets a second of speech").isGreaterThan(40);
      assertThat(paused).as("packets a second of the pause").isLessThan(10);
      var media = take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
      assertThat(media.silentMillis(Duration.ofMillis(300), take.asked()))
          .as("silence of a pause of %s", pause)
          .isCloseTo(pause.toMillis(), TOLERANCE);
      stage.nothingWasLost();
    }
  }

  /** The recorder doesn't offer RED: the server takes it apart, and the publisher needs no care. */
  @Test
  void aToneThatIsPublishedRedundantlyIsRecordedAsPlainOpusWithoutAGap() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("red", "rust")) {
      Stage.Take take = stage.record("red", publisher.publishAudio(false, true), LENGTH);

      var media = take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
      assertThat(media.silentMillis(Duration.ofMillis(300), LENGTH.minusMillis(300))).isZero();
      stage.nothingWasLost();
    }
  }

  /**
   * Each file's {@code started_at} is of the publisher's clock, so a moment in one is the same
   * moment in the other. What the publisher was late with either on a busy machine (some
   * milliseconds, rarely a hundred) it tells, and it is taken off.
   */
  @ParameterizedTest
  @ValueSource(strings = {"vp8", "h264"})
  void soundAndPictureOfOneParticipantHaveOneClock(String codec) throws Exception {
    String room = "clock-" + codec;
    try (RustPublisher publisher = stage.rustPublisher(room, "rust")) {
      List<String> tracks = publisher.publishSignals(codec);
      String sound = stage.begin(room, tracks.get(0));
      String picture = stage.begin(room, tracks.get(1));
      Stage.letPass(Duration.ofSeconds(8));
      Stage.Take heard = stage.end(sound);
      Stage.Take seen = stage.end(picture);
      RustPublisher.Signalled pushed = publisher.signalled();

      List<Instant> beeps = heard.moments(heard.media().plays("opus").soundBegins());
      List<Instant> flashes = seen.moments(seen.media().plays(codec).flashes());
      assertThat(flashes).hasSizeGreaterThan(5);
      assertThat(beeps).hasSizeGreaterThan(5);
      List<Long> apart = new ArrayList<>();
      for (Instant flash : flashes) {
        Instant beep = nearest(beeps, flash);
        Instant pushedFlash = nearest(pushed.flashes(), flash);
        Instant pushedBeep = nearest(pushed.beeps(), flash);
        apart.add(millis(beep, flash) - millis(pushedBeep, pushedFlash));
      }
      assertThat(apart)
          .as("ms from each beep to its flash, more than in %s", pushed)
          .allMatch(millis -> Math.abs(millis) < 100);
    }
  }

  private static Instant nearest(List<Instant> moments, Instant moment) {
    return moments.stream()
        .min(Comparator.comparing(other -> Duration.between(other, moment).abs()))
        .orElseThrow();
  }

  private static long millis(Instant from, Instant to) {
    return Duration.between(from, to).toMillis();
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
      Instant muted = publisher.mute("audio");
      Stage.letPass(A_MOMENT);
      Duration mute = Duration.between(muted, publisher.unmute("audio"));
      Stage.letPass(A_MOMENT);
      Stage.Take take = stage.end(id);

      var media = take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
      assertThat(media.silentMillis(Duration.ofMillis(300), take.asked()))
          .as("silence of a mute of %s", mute)
          .isCloseTo(mute.toMillis(), TOLERANCE);
      stage.nothingWasLost();
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
      stage.nothingWasLost();
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

      endsBySource(stage.awaitEnd(id, publisher.unpublish("audio")));
    }
  }

  @Test
  void aPublisherThatLeavesEndsItsRecordingsAndMayComeBack() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("leave", "rust")) {
      String id = stage.begin("leave", publisher.publishVideo("vp8", 320, 180));
      Stage.letPass(A_MOMENT);

      endsBySource(stage.awaitEnd(id, publisher.leave()));
    }

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
      assertThat(stage.server().roomNames()).contains("deleted"); // the client is warm, too
      Instant asked = Instant.now();
      stage.server().deleteRoom("deleted");
      Duration took = Duration.between(asked, Instant.now());

      // The server does it at some moment within the call.
      endsBySource(stage.awaitEnd(id, asked.plus(took.dividedBy(2))), took.dividedBy(2));
    }
  }

  private static void endsBySource(Stage.Take take) throws Exception {
    endsBySource(take, Duration.ZERO);
  }

  private static void endsBySource(Stage.Take take, Duration unsure) throws Exception {
    EgressInfo info = take.info();
    assertThat(info.getStatus()).as("%s", info).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(info.getDetails()).isEqualTo("End reason: Source closed");
    take.media().lasts(take.asked(), RecordedMedia.TOLERANCE.plus(unsure));
  }
}
