package io.spillway.node.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.spillway.core.media.Codec;
import io.spillway.core.time.SimulatedTime;
import io.spillway.node.request.TrackPlan;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.rtc.Frame;
import io.spillway.rtc.ReceptionStats;
import io.spillway.rtc.TrackDescription;
import io.spillway.rtc.TrackEvents;
import io.spillway.rtc.TrackEvents.Cause;
import io.spillway.rtc.TrackEvents.End;
import io.spillway.rtc.TrackEvents.Flow;
import io.spillway.rtc.TrackSubscription;
import io.spillway.storage.FreeDisk;
import io.spillway.storage.LocalOutputSettings;
import io.spillway.storage.LocalOutputs;
import io.spillway.storage.seal.Seal;
import io.spillway.storage.seal.SealKeys;
import io.spillway.storage.spool.Spool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recorder with real files and spool, on the test's thread and clock; only the room is played
 * by the test.
 */
final class TrackRecorderTest {
  private static final byte[] OPUS_PACKET = {
    (byte) 0xfc, 1, 2, 3, 4, 5, 6, 7
  }; // CELT, 20 ms, one frame, stereo
  private static final Duration PACKET = Duration.ofMillis(20);
  private static final RecorderFactory.Settings SETTINGS =
      new RecorderFactory.Settings(
          "", Duration.ZERO, 0, false, Duration.ofSeconds(10), ZoneOffset.UTC);

  private final SimulatedTime time = new SimulatedTime();
  private final List<EgressInfo> reported = new ArrayList<>();
  private final AtomicInteger joins = new AtomicInteger();
  private final AtomicInteger keyFramesAsked = new AtomicInteger();
  @TempDir private Path folder;
  private Spool spool;
  private @Nullable TrackEvents room;
  private TrackRecorder recorder;
  private long ticks = 1_000_000;

  @BeforeEach
  void open() throws IOException {
    SecureRandom random = new SecureRandom();
    spool =
        Spool.open(
            folder.resolve("spool"),
            new Seal(SealKeys.ofFile(folder.resolve("key"), random), random));
    recorder = recorder(SETTINGS);
  }

  @AfterEach
  void close() {
    spool.close();
  }

  @Test
  void aTrackIsRecordedUntilItIsStopped() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(5));
    EgressInfo ended = stop();

    assertThat(statuses())
        .containsExactly(
            EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING, EgressStatus.EGRESS_COMPLETE);
    assertThat(ended.getDetails()).isEqualTo("End reason: StopEgress API");
    assertThat(ended.getRoomId()).isEqualTo("RM_1");
    FileInfo file = ended.getFileResults(0);
    assertThat(Duration.ofNanos(file.getDuration()).toMillis()).isCloseTo(5000, Offset.offset(40L));
    assertThat(Path.of(file.getLocation())).hasSize(file.getSize());
    assertThat(Path.of(ended.getManifestLocation())).content().contains("\"track_kind\":\"audio\"");
    assertThat(spool.list()).isEmpty();
  }

  @Test
  void tenMinutesOfMuteAreTenMinutesOfSilenceAndRestartNothing() throws Exception {
    join(Codec.OPUS, true);
    recorder.turn();
    assertThat(statuses())
        .containsExactly(EgressStatus.EGRESS_ACTIVE); // at once, though no frame came
    long lastBytes = 0;
    for (int second = 0; second < 600; second++) {
      time.advance(Duration.ofSeconds(1));
      recorder.turn();
      if (second % 10 == 9) {
        assertThat(recorder.progress().bytes())
            .as("bytes move while muted")
            .isGreaterThan(lastBytes);
        lastBytes = recorder.progress().bytes();
      }
    }
    EgressInfo ended = stop();

    assertThat(joins.get()).isEqualTo(1);
    assertThat(statuses())
        .containsExactly(
            EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING, EgressStatus.EGRESS_COMPLETE);
    assertThat(Duration.ofNanos(ended.getFileResults(0).getDuration()).toMillis())
        .isCloseTo(600_000, Offset.offset(1100L));
  }

  @Test
  void aMuteInBetweenKeepsItsLength() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(3));
    events().flow(Flow.MUTED);
    rest(Duration.ofSeconds(10));
    events().flow(Flow.FLOWING);
    play(Duration.ofSeconds(3)); // the publisher's ticks stood still meanwhile
    EgressInfo ended = stop();

    assertThat(Duration.ofNanos(ended.getFileResults(0).getDuration()).toMillis())
        .isCloseTo(16_000, Offset.offset(200L));
  }

  @Test
  void theEndOfTheTrackIsTheEndOfTheEgress() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(1));
    events().ended(new End(Cause.TRACK_UNPUBLISHED, "gone"));
    recorder.turn();

    EgressInfo ended = reported.getLast();
    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(ended.getDetails()).isEqualTo("End reason: Source closed");
  }

  @Test
  void aStopBeforeTheTrackFlowsAborts() throws Exception {
    recorder.begin();
    recorder.open(this::enter);
    EgressInfo ended = stop();

    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_ABORTED);
    assertThat(ended.getErrorCode()).isEqualTo(412);
    assertThat(ended.getError()).isEqualTo("Stop called before pipeline could start");
    assertThat(spool.list()).isEmpty();
  }

  @Test
  void aTrackThatIsNotThereIsSaid() throws Exception {
    recorder.begin();
    recorder.open(this::enter);
    events().ended(new End(Cause.TRACK_NOT_FOUND, "the track is not published in the room"));
    recorder.turn();

    EgressInfo ended = reported.getLast();
    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(ended.getErrorCode()).isEqualTo(404);
    assertThat(ended.getError()).isEqualTo("track TR_1 not found");
  }

  @Test
  void aRecorderThatWasReplacedKeepsWhatItHas() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(2));
    events().ended(new End(Cause.DUPLICATE_IDENTITY, "another joined"));
    recorder.turn();

    EgressInfo ended = reported.getLast();
    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(ended.getErrorCode()).isEqualTo(409);
    assertThat(Path.of(ended.getFileResults(0).getLocation())).isNotEmptyFile();
    assertThat(joins.get()).isEqualTo(1);
  }

  @Test
  void theSessionLimitEndsIt() throws Exception {
    recorder =
        recorder(
            new RecorderFactory.Settings(
                "", Duration.ofSeconds(3), 0, false, Duration.ofSeconds(10), ZoneOffset.UTC));
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(4));

    EgressInfo ended = reported.getLast();
    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_LIMIT_REACHED);
    assertThat(ended.getErrorCode()).isEqualTo(413);
    assertThat(Duration.ofNanos(ended.getFileResults(0).getDuration()).toMillis())
        .isCloseTo(3000, Offset.offset(100L));
  }

  @Test
  void theSizeLimitEndsIt() throws Exception {
    recorder =
        recorder(
            new RecorderFactory.Settings(
                "", Duration.ZERO, 2000, false, Duration.ofSeconds(10), ZoneOffset.UTC));
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(10));

    assertThat(reported.getLast().getStatus()).isEqualTo(EgressStatus.EGRESS_LIMIT_REACHED);
  }

  @Test
  void aCodecThatCantBeCopiedIsRefusedByName() throws Exception {
    join(Codec.PCMU, false);
    recorder.turn();

    EgressInfo ended = reported.getLast();
    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(ended.getErrorCode()).isEqualTo(501);
    assertThat(ended.getError()).contains("audio/pcmu");
  }

  @Test
  void aPictureThatNeverCameLeavesNoFile() throws Exception {
    join(Codec.VP8, true);
    rest(Duration.ofSeconds(3));
    EgressInfo ended = stop();

    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(ended.getError()).startsWith("nothing was recorded: no key frame of TR_1");
    try (var files = Files.list(folder.resolve("out"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aRoomThatIsNotTheOneLookedUpIsLeftAtOnce() throws Exception {
    recorder = recorder(plan("RM_looked_up"), SETTINGS);
    join(Codec.OPUS, false); // the server says RM_1

    EgressInfo ended = reported.getLast();
    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(ended.getErrorCode()).isEqualTo(404);
    assertThat(ended.getError()).isEqualTo("requested room does not exist");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aDiskThatFillsUpWhileRecordingEndsItWithWhatWasWrittenWhole() throws Exception {
    AtomicInteger writesLeft = new AtomicInteger(Integer.MAX_VALUE);
    recorder = onADiskThatTakes(writesLeft);
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(3));
    writesLeft.set(0);
    play(Duration.ofSeconds(2));

    isKeptUpTo(Duration.ofSeconds(3));
    assertThat(statuses()).containsExactly(EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_FAILED);
    assertThat(spool.list()).isEmpty();
  }

  @Test
  void aDiskThatFillsUpBeforeTheStopEndsItWithWhatWasWrittenWhole() throws Exception {
    AtomicInteger writesLeft = new AtomicInteger(Integer.MAX_VALUE);
    recorder = onADiskThatTakes(writesLeft);
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(3));
    writesLeft.set(0);
    stop();

    isKeptUpTo(Duration.ofSeconds(3));
  }

  private void isKeptUpTo(Duration length) {
    EgressInfo ended = reported.getLast();
    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(ended.getErrorCode()).isEqualTo(429);
    FileInfo file = ended.getFileResults(0);
    assertThat(ended.getError()).isEqualTo("no space left on " + file.getLocation());
    assertThat(Path.of(file.getLocation())).hasSize(file.getSize());
    assertThat(Duration.ofNanos(file.getDuration()))
        .isBetween(length.minusMillis(1100), length.plusMillis(100));
  }

  /** A recorder whose file's writer fails as on a full disk once its writes are used up. */
  private TrackRecorder onADiskThatTakes(AtomicInteger writes) {
    PartFiles files =
        new PartFiles(
            plan(""),
            outputs(),
            spool,
            new PartFiles.Options("", false, Duration.ofSeconds(10), ZoneOffset.UTC),
            time);
    return new TrackRecorder(
        plan("").info(),
        false,
        time,
        new FrameQueue(TrackRecorder.QUEUE_BYTES, new FrameQueue.Budget(1 << 24)),
        new FullDisk(files, writes, time),
        new TrackRecorder.Limits(Duration.ZERO, 0),
        reports());
  }

  private TrackRecorder recorder(RecorderFactory.Settings settings) {
    return recorder(plan(""), settings);
  }

  private TrackRecorder recorder(TrackPlan plan, RecorderFactory.Settings settings) {
    return new RecorderFactory(outputs(), spool, settings, time).recorder(plan, reports());
  }

  private LocalOutputs outputs() {
    return new LocalOutputs(
        new LocalOutputSettings(folder, List.of(), false, 0), FreeDisk.ofSystem());
  }

  private TrackRecorder.Reports reports() {
    return new TrackRecorder.Reports() {
      @Override
      public void changed(EgressInfo info) {
        reported.add(info);
      }

      @Override
      public void last(EgressInfo info, Runnable safe) {
        reported.add(info);
        safe.run();
      }

      @Override
      public void ended(String egressId) {}
    };
  }

  private TrackPlan plan(String roomSid) {
    EgressInfo info =
        EgressInfo.newBuilder()
            .setEgressId("EG_1")
            .setRoomId(roomSid)
            .setRoomName("room")
            .setStartedAt(time.unixNanos())
            .addFileResults(FileInfo.getDefaultInstance())
            .build();
    return new TrackPlan(
        "EG_1",
        1,
        "room",
        roomSid,
        "TR_1",
        "ws://sfu",
        "",
        "out/{track_id}",
        false,
        ByteString.EMPTY,
        info,
        List.of());
  }

  private TrackSubscription enter(TrackEvents events) {
    joins.incrementAndGet();
    room = events;
    return new TrackSubscription() {
      @Override
      public void requestKeyFrame() {
        keyFramesAsked.incrementAndGet();
      }

      @Override
      public ReceptionStats stats() {
        return new ReceptionStats(0, 0, 0, 0, 0, 0, 0, 0, 0);
      }

      @Override
      public void close() {
        events.ended(new End(Cause.CLOSED, "closed"));
      }
    };
  }

  private TrackEvents events() {
    return Objects.requireNonNull(room, "nobody joined");
  }

  private void join(Codec codec, boolean muted) throws InterruptedException {
    recorder.begin();
    recorder.open(this::enter);
    events().joined("RM_1", "room", "PA_1");
    events()
        .subscribed(
            new TrackDescription("TR_1", "t", codec, "microphone", "alice", muted, 0, 0, false));
    recorder.turn();
  }

  private void play(Duration length) throws InterruptedException {
    for (long i = 0; i < length.dividedBy(PACKET); i++) {
      Frame frame = new Frame();
      frame.ticks = ticks;
      frame.arrivalNanos = time.nanos();
      frame.key = true;
      frame.data = OPUS_PACKET;
      frame.length = OPUS_PACKET.length;
      events().frame(frame);
      ticks += 960;
      time.advance(PACKET);
      recorder.turn();
    }
  }

  private void rest(Duration length) throws InterruptedException {
    for (long i = 0; i < length.toSeconds(); i++) {
      time.advance(Duration.ofSeconds(1));
      recorder.turn();
    }
  }

  private EgressInfo stop() throws InterruptedException {
    recorder.askToStop();
    recorder.turn();
    assertThat(recorder.over()).isTrue();
    return reported.getLast();
  }

  private List<EgressStatus> statuses() {
    return reported.stream().map(EgressInfo::getStatus).toList();
  }
}
