package io.spillway.node.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.spillway.core.media.Codec;
import io.spillway.core.time.SimulatedTime;
import io.spillway.media.TrackWriter;
import io.spillway.media.track.TrackFiles;
import io.spillway.node.parts.PartJoin;
import io.spillway.node.parts.PartResults;
import io.spillway.node.request.TrackPlan;
import io.spillway.node.request.TrackPlan.Past;
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
import io.spillway.storage.spool.Part;
import io.spillway.storage.spool.Spool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
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
  private final Queue<Runnable> quick = new ArrayDeque<>();
  private final Queue<Runnable> longWork = new ArrayDeque<>();
  private boolean ended;
  private boolean mute;
  private long unseen;
  private final AtomicInteger restarts = new AtomicInteger();
  private final AtomicInteger joins = new AtomicInteger();
  private final AtomicInteger keyFramesAsked = new AtomicInteger();
  @TempDir private Path folder;
  private Spool spool;
  private @Nullable TrackEvents room;
  private TrackRecorder recorder;
  private long ticks = 1_000_000;
  private boolean beginsAnew;

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
    turn();
    assertThat(statuses())
        .containsExactly(EgressStatus.EGRESS_ACTIVE); // at once, though no frame came
    long lastBytes = 0;
    for (int second = 0; second < 600; second++) {
      time.advance(Duration.ofSeconds(1));
      turn();
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
    assertThat(Duration.ofNanos(ended.getFileResults(0).getDuration()))
        .isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void aRecordingThatStandsStillSubscribesAnewAndGoesOnInItsFile() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(5));
    TrackEvents before = events();
    flowInVain(16);

    assertThat(joins.get()).isEqualTo(2);
    assertThat(restarts.get()).isEqualTo(1);
    assertThat(reported.getLast().getStatus()).isEqualTo(EgressStatus.EGRESS_ACTIVE);
    assertThat(reported.getLast().getDetails())
        .isEqualTo(
            "no media for 10 s though the track flows (the server counts packets that do not"
                + " arrive): subscribed anew, 1 of 3");
    unseen = 0;
    before.ended(new End(Cause.DUPLICATE_IDENTITY, "we are the duplicate"));
    subscribed(Codec.OPUS);
    ticks = 77_000_000; // the new stream counts elsewhere
    beginsAnew = true;
    play(Duration.ofSeconds(5));
    EgressInfo ended = stop();

    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(ended.getDetails()).isEqualTo("End reason: StopEgress API");
    assertThat(ended.getFileResultsCount()).isEqualTo(1);
    assertThat(Duration.ofNanos(ended.getFileResults(0).getDuration()).toMillis())
        .isCloseTo(26_000, Offset.offset(100L));
  }

  @Test
  void aRecordingThatNoRestartHelpsFailsAndKeepsWhatThereIs() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(5));
    for (int round = 0; round < 4; round++) {
      subscribed(Codec.OPUS);
      unseen = 0;
      flowInVain(17);
    }
    EgressInfo ended = reported.getLast();
    assertThat(joins.get()).isEqualTo(4);
    assertThat(restarts.get()).isEqualTo(3);
    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(ended.getErrorCode()).isEqualTo(503);
    assertThat(ended.getError()).startsWith("recording ended early: no media after 3 new");
    assertThat(ended.getDetails()).isEqualTo("End reason: Failure");
    assertThat(Path.of(ended.getFileResults(0).getLocation())).isNotEmptyFile();
  }

  @Test
  void aTrackThatComesBackInAnotherCodecEndsItsFileBeforeTheFramesOfThatCodec() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(5));
    subscribed(Codec.PCMU);
    play(Duration.ofSeconds(5));

    EgressInfo ended = reported.getLast();
    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(ended.getError())
        .isEqualTo("recording ended early: the track's codec changed from OPUS to PCMU");
    assertThat(Duration.ofNanos(ended.getFileResults(0).getDuration()).toMillis())
        .isCloseTo(5000, Offset.offset(40L));
  }

  @Test
  void aRoomThatWentWithItsConnectionEndsThereAndNotWhenNobodyWaitsForItAnyMore() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(5));
    events().reconnecting(true);
    play(Duration.ofSeconds(1)); // the signal is lost first, packets a little later
    rest(Duration.ofSeconds(30));
    end(events(), new End(Cause.ROOM_CLOSED, "opened anew while we were cut off"));
    turn();

    assertThat(reported.getLast().getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(reported.getLast().getFileResults(0).getDuration() / 1_000_000)
        .isCloseTo(6000, Offset.offset(40L));
  }

  @Test
  void aTrackThatWentWhileItsRoomLivedOnIsHeldUntilThatIsKnown() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(5));
    events().reconnecting(true);
    rest(Duration.ofSeconds(8));
    end(events(), new End(Cause.TRACK_UNPUBLISHED, "not there after the re-join"));
    turn();

    assertThat(reported.getLast().getFileResults(0).getDuration() / 1_000_000)
        .isCloseTo(13_000, Offset.offset(40L));
  }

  @Test
  void aConnectionThatIsRepairedLeavesAGapAndNotAShorterFile() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(5));
    events().reconnecting(true);
    rest(Duration.ofSeconds(8));
    events().reconnecting(false);
    play(Duration.ofSeconds(2));

    assertThat(stop().getFileResults(0).getDuration() / 1_000_000)
        .isCloseTo(15_000, Offset.offset(40L));
  }

  @Test
  void aStopWhileTheConnectionIsRepairedEndsTheFileAtTheStop() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(5));
    events().reconnecting(true);
    rest(Duration.ofSeconds(8));

    assertThat(stop().getFileResults(0).getDuration() / 1_000_000)
        .isCloseTo(13_000, Offset.offset(40L));
  }

  @Test
  void aTrackThatIsGoneWhenItIsSubscribedAnewHasEnded() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(5));
    flowInVain(16);
    assertThat(joins.get()).isEqualTo(2);
    end(events(), new End(Cause.TRACK_NOT_FOUND, "not there"));
    turn();

    assertThat(reported.getLast().getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(reported.getLast().getDetails()).isEqualTo("End reason: Source closed");
  }

  /** Reports count packets, each five seconds, and none arrives. */
  private void flowInVain(int seconds) throws InterruptedException {
    for (int second = 1; second <= seconds; second++) {
      unseen += second % 5 == 0 ? 250 : 0;
      rest(Duration.ofSeconds(1));
    }
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
        .isCloseTo(16_000, Offset.offset(PACKET.toMillis()));
  }

  @Test
  void theEndOfTheTrackIsTheEndOfTheEgress() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(1));
    end(events(), new End(Cause.TRACK_UNPUBLISHED, "gone"));
    turn();

    EgressInfo ended = reported.getLast();
    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(ended.getDetails()).isEqualTo("End reason: Source closed");
  }

  @Test
  void aRoomThatIsSlowToBeLeftHoldsNoThreadAndIsGivenUp() throws Exception {
    mute = true; // the engine never says that it left
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(3));
    recorder.askToStop();
    turn();
    assertThat(reported.getLast().getStatus()).isEqualTo(EgressStatus.EGRESS_ENDING);
    assertThat(quick).isEmpty();
    assertThat(longWork).isEmpty();

    time.advance(Leaving.WITHIN);
    turn();

    assertThat(reported.getLast().getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(Duration.ofNanos(reported.getLast().getFileResults(0).getDuration()).toMillis())
        .isCloseTo(3000, Offset.offset(40L));
  }

  @Test
  void whatTakesLongIsDoneOnThreadsOfItsOwnAndWritingGoesOn() throws Exception {
    join(Codec.OPUS, true);
    for (int second = 0; second < 20; second++) {
      time.advance(Duration.ofSeconds(1));
      run(quick);
    }
    assertThat(longWork).as("one fsync waits for a disk that hangs").hasSize(1);
    assertThat(recorder.progress().seconds()).isGreaterThan(17);
    recorder.askToStop();
    run(quick);
    assertThat(reported.getLast().getStatus()).isEqualTo(EgressStatus.EGRESS_ENDING);
    assertThat(longWork).as("the file is closed there as well").hasSize(2);

    run(longWork);

    assertThat(reported.getLast().getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
  }

  @Test
  void anEndedRecordingGivesItsWaitingFramesBackToTheNode() throws Exception {
    FrameQueue.Budget budget = new FrameQueue.Budget(200);
    recorder = recorder(files(), new FrameQueue(1 << 20, budget));
    recorder.begin();
    recorder.start(this::enter, new DiskThreads(quick::add, longWork::add));
    events().frame(packet()); // of a track that was never announced: there is no file
    end(events(), new End(Cause.TRACK_NOT_FOUND, "the track is not published in the room"));
    turn();
    assertThat(recorder.over()).isTrue();
    events().frame(packet());

    FrameQueue other = new FrameQueue(1 << 20, budget);
    assertThat(other.add(packet())).isPositive();
    assertThat(other.add(packet())).as("the budget fits three").isPositive();
    assertThat(other.add(packet())).isPositive();
  }

  @Test
  void aTrackThatIsGoneAfterARestartLeavesTheManifestOfWhatWasRecordedBefore() throws Exception {
    Path before = Files.createDirectories(folder.resolve("out")).resolve("TR_1.ogg");
    Part earlier =
        Part.begun(
                "EG_1",
                1,
                new Part.Room("RM_1", "room", "ws://sfu"),
                new Part.Track("TR_1", "audio", "microphone", "audio/opus", "alice"),
                Part.File.begun(before.toString(), "out/TR_1.ogg", true, time.unixNanos()))
            .finished(time.unixNanos(), 1_000_000_000L, 5000);
    FileInfo told =
        FileInfo.newBuilder().setLocation(before.toString()).setDuration(1_000_000_000L).build();
    TrackPlan plan = plan("");
    EgressInfo info = plan.info().toBuilder().addFileResults(0, told).build();
    recorder = recorder(plan.continuing(info, List.of(earlier)), SETTINGS);
    recorder.begin();
    recorder.start(this::enter, new DiskThreads(quick::add, longWork::add));
    end(events(), new End(Cause.TRACK_NOT_FOUND, "the track is not published in the room"));
    turn();

    EgressInfo last = reported.getLast();
    assertThat(last.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(last.getErrorCode()).isEqualTo(503);
    assertThat(last.getFileResultsList()).containsExactly(told);
    assertThat(Path.of(last.getManifestLocation()))
        .isEqualTo(folder.resolve("out/EG_1.json"))
        .content()
        .contains("\"location\":\"" + before + "\"");
  }

  @Test
  void whatAnEarlierProcessRecordedAndWhatFollowedAreOneFileInTheEnd() throws Exception {
    Path before = Files.createDirectories(folder.resolve("out")).resolve("TR_1.ogg");
    try (TrackWriter writer =
        TrackFiles.create(Codec.OPUS, before, TrackFiles.Options.of(Codec.OPUS, ""))) {
      for (int i = 0; i < 150; i++) {
        writer.frame(i * 960L, true, OPUS_PACKET, 0, OPUS_PACKET.length);
      }
      var _ = writer.finish();
    }
    Part earlier =
        Part.begun(
            "EG_1",
            1,
            new Part.Room("RM_1", "room", "ws://sfu"),
            new Part.Track("TR_1", "audio", "microphone", "audio/opus", "alice"),
            Part.File.begun(before.toString(), "out/TR_1.ogg", true, time.unixNanos()));
    spool.create(earlier, new byte[0]);
    time.advance(Duration.ofSeconds(7));
    TrackPlan plan = secondPlan(earlier.finished(time.unixNanos(), 3_000_000_000L, 500));
    recorder = recorder(plan, SETTINGS);
    join(Codec.OPUS, false);
    time.advance(Duration.ofMillis(500)); // the file is open before its first frame comes
    play(Duration.ofSeconds(5));
    EgressInfo last = stop();

    assertThat(last.getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(last.getDetails()).isEqualTo("End reason: StopEgress API");
    assertThat(last.getFileResultsList()).hasSize(1);
    FileInfo file = last.getFileResults(0);
    assertThat(file.getLocation()).isEqualTo(before.toString());
    assertThat(Duration.ofNanos(file.getDuration()).toMillis())
        .isCloseTo(12_500, Offset.offset(25L));
    assertThat(before).hasSize(file.getSize());
    assertThat(Path.of(last.getManifestLocation())).content().doesNotContain("TR_1-1.ogg");
    try (var files = Files.list(folder.resolve("out"))) {
      assertThat(files).containsExactlyInAnyOrder(before, folder.resolve("out/EG_1.json"));
    }
    assertThat(spool.list()).isEmpty();
  }

  private TrackPlan secondPlan(Part earlier) {
    TrackPlan first = plan("");
    EgressInfo info =
        first.info().toBuilder()
            .setRetryCount(1)
            .addFileResults(0, PartResults.files(List.of(earlier)).getFirst())
            .build();
    TrackPlan second =
        new TrackPlan(
            first.egressId(),
            2,
            first.roomName(),
            first.roomId(),
            first.trackId(),
            first.serverUrl(),
            first.token(),
            first.filepath(),
            first.disableManifest(),
            first.request(),
            info,
            List.of(),
            false);
    return second.continuing(info, List.of(earlier));
  }

  @Test
  void aStopBeforeTheTrackFlowsAborts() throws Exception {
    recorder.begin();
    recorder.start(this::enter, new DiskThreads(quick::add, longWork::add));
    EgressInfo ended = stop();

    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_ABORTED);
    assertThat(ended.getErrorCode()).isEqualTo(412);
    assertThat(ended.getError()).isEqualTo("Stop called before pipeline could start");
    assertThat(spool.list()).isEmpty();
  }

  @Test
  void aStopBeforeTheTrackFlowsEndsWhatAnotherNodeRecorded() throws Exception {
    recorder = recorder(plan("").afterAnother(), SETTINGS);
    recorder.begin();
    recorder.start(this::enter, new DiskThreads(quick::add, longWork::add));
    EgressInfo ended = stop();

    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(ended.getError()).isEmpty();
    assertThat(ended.getDetails()).isEqualTo("End reason: StopEgress API");
    assertThat(spool.list()).isEmpty();
  }

  @Test
  void aTrackThatIsGoneWasCutByTheLossOfTheNodeThatRecordedIt() throws Exception {
    recorder = recorder(plan("").afterAnother(), SETTINGS);
    recorder.begin();
    recorder.start(this::enter, new DiskThreads(quick::add, longWork::add));
    end(events(), new End(Cause.TRACK_NOT_FOUND, "the track is not published in the room"));
    turn();

    assertThat(reported.getLast().getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(reported.getLast().getError()).contains("node lost");
  }

  @Test
  void aTrackThatIsNotThereIsSaid() throws Exception {
    recorder.begin();
    recorder.start(this::enter, new DiskThreads(quick::add, longWork::add));
    end(events(), new End(Cause.TRACK_NOT_FOUND, "the track is not published in the room"));
    turn();

    EgressInfo ended = reported.getLast();
    assertThat(ended.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(ended.getErrorCode()).isEqualTo(404);
    assertThat(ended.getError()).isEqualTo("track TR_1 not found");
  }

  @Test
  void aRecorderThatWasReplacedKeepsWhatItHas() throws Exception {
    join(Codec.OPUS, false);
    play(Duration.ofSeconds(2));
    end(events(), new End(Cause.DUPLICATE_IDENTITY, "another joined"));
    turn();

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
    turn();

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

  private PartFiles files() {
    return new PartFiles(
        plan(""),
        outputs(),
        spool,
        join(false),
        new PartFiles.Options("", false, Duration.ofSeconds(10), ZoneOffset.UTC),
        time);
  }

  /** A recorder whose file's writer fails as on a full disk once its writes are used up. */
  private TrackRecorder onADiskThatTakes(AtomicInteger writes) {
    return recorder(
        new FullDisk(files(), writes, time),
        new FrameQueue(TrackRecorder.QUEUE_BYTES, new FrameQueue.Budget(1 << 24)));
  }

  private TrackRecorder recorder(FilePlace files, FrameQueue queue) {
    return new TrackRecorder(
        plan("").info(), Past.NONE, time, queue, files, new Limits(Duration.ZERO, 0), reports());
  }

  private TrackRecorder recorder(RecorderFactory.Settings settings) {
    return recorder(plan(""), settings);
  }

  private TrackRecorder recorder(TrackPlan plan, RecorderFactory.Settings settings) {
    return new RecorderFactory(outputs(), spool, join(settings.mp4FastStart()), settings, time)
        .recorder(plan, reports());
  }

  private PartJoin join(boolean mp4FastStart) {
    return new PartJoin(spool, outputs(), mp4FastStart);
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
      public void restarted(String egressId) {
        restarts.incrementAndGet();
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
        List.of(),
        false);
  }

  private TrackSubscription enter(TrackEvents events) {
    joins.incrementAndGet();
    room = events;
    ended = false;
    return new TrackSubscription() {
      @Override
      public void requestKeyFrame() {
        keyFramesAsked.incrementAndGet();
      }

      @Override
      public ReceptionStats stats() {
        return new ReceptionStats(0, 0, 0, 0, 0, 0, 0, 0, 0, unseen);
      }

      @Override
      public void close() {
        end(events, new End(Cause.CLOSED, "closed"));
      }
    };
  }

  /** As the engine does: the first end is told, nothing after it. */
  private void end(TrackEvents events, End end) {
    if (!mute && !ended) {
      ended = true;
      events.ended(end);
    }
  }

  /** One turn, and those that follow from it. */
  private void turn() {
    recorder.wake();
    run(quick);
    while (!longWork.isEmpty()) {
      run(longWork);
    }
  }

  private static void run(Queue<Runnable> tasks) {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  private TrackEvents events() {
    return Objects.requireNonNull(room, "nobody joined");
  }

  private void join(Codec codec, boolean muted) throws InterruptedException {
    recorder.begin();
    recorder.start(this::enter, new DiskThreads(quick::add, longWork::add));
    events().joined("RM_1", "room", "PA_1");
    events()
        .subscribed(
            new TrackDescription("TR_1", "t", codec, "microphone", "alice", muted, 0, 0, false));
    turn();
  }

  private void subscribed(Codec codec) {
    events().joined("RM_1", "room", "PA_1");
    events()
        .subscribed(
            new TrackDescription("TR_1", "t", codec, "microphone", "alice", false, 0, 0, false));
  }

  private void play(Duration length) throws InterruptedException {
    for (long i = 0; i < length.dividedBy(PACKET); i++) {
      events().frame(packet());
      ticks += 960;
      time.advance(PACKET);
      turn();
    }
  }

  private Frame packet() {
    Frame frame = new Frame();
    frame.ticks = ticks;
    frame.arrivalNanos = time.nanos();
    frame.key = true;
    frame.discontinuity = beginsAnew;
    beginsAnew = false;
    frame.data = OPUS_PACKET;
    frame.length = OPUS_PACKET.length;
    return frame;
  }

  private void rest(Duration length) throws InterruptedException {
    for (long i = 0; i < length.toSeconds(); i++) {
      time.advance(Duration.ofSeconds(1));
      turn();
    }
  }

  private EgressInfo stop() throws InterruptedException {
    recorder.askToStop();
    turn();
    assertThat(recorder.over()).isTrue();
    return reported.getLast();
  }

  private List<EgressStatus> statuses() {
    return reported.stream().map(EgressInfo::getStatus).toList();
  }
}
