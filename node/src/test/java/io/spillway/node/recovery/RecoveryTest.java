package io.spillway.node.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import io.spillway.core.media.Codec;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.SimulatedTime;
import io.spillway.media.TrackWriter;
import io.spillway.media.track.TrackFiles;
import io.spillway.node.parts.PartJoin;
import io.spillway.node.parts.PartSalvage;
import io.spillway.node.report.StatusReporter;
import io.spillway.node.request.PlanReader;
import io.spillway.node.request.TrackPlan;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.storage.FreeDisk;
import io.spillway.storage.LocalOutputSettings;
import io.spillway.storage.LocalOutputs;
import io.spillway.storage.journal.Durability;
import io.spillway.storage.seal.Seal;
import io.spillway.storage.seal.SealKeys;
import io.spillway.storage.spool.Part;
import io.spillway.storage.spool.Spool;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real files and spool as a kill leaves them; what is stored is played by the test. */
final class RecoveryTest {
  private static final byte[] OPUS_PACKET = {(byte) 0xfc, 1, 2, 3, 4, 5, 6, 7};

  private final SimulatedTime time = new SimulatedTime();
  private final List<EgressInfo> reported = new ArrayList<>();
  private final List<TrackPlan> continued = new ArrayList<>();
  private Function<String, Optional<EgressInfo>> stored = _ -> Optional.empty();
  private Optional<RpcException> refusal = Optional.empty();
  private Optional<EgressInfo> left = Optional.empty();
  private boolean takesLateParts;
  private boolean grants = true;
  private String unlistable = "none";
  private int next;
  @TempDir private Path folder;
  private Spool spool;

  private Executor each = Runnable::run;

  @BeforeEach
  void aKilledNode() throws IOException {
    open();
    leave(true);
  }

  private void open() throws IOException {
    SecureRandom random = new SecureRandom();
    spool =
        Spool.open(
            folder.resolve("spool"),
            new Seal(SealKeys.ofFile(folder.resolve("key"), random), random),
            this::foldersIn);
  }

  /** As the disk does it, but for the one that it fails on. */
  private List<Path> foldersIn(Path parent) throws IOException {
    if (parent.endsWith(unlistable)) {
      throw new FileSystemException(parent.toString(), null, "Input/output error");
    }
    try (Stream<Path> entries = Files.list(parent)) {
      return entries.filter(Files::isDirectory).toList();
    }
  }

  private void leave(boolean manifest) throws IOException {
    leave(1, "a.ogg", manifest);
  }

  private void leave(int epoch, String name, boolean manifest) throws IOException {
    Path file = folder.resolve(name);
    TrackWriter writer =
        TrackFiles.create(Codec.OPUS, file, TrackFiles.Options.of(Codec.OPUS, "a.ogg"));
    for (int i = 0; i < 150; i++) {
      writer.frame(i * 960L, true, OPUS_PACKET, 0, OPUS_PACKET.length);
    }
    writer.flush();
    writer.close(); // as a kill leaves it
    StartEgressRequest request =
        StartEgressRequest.newBuilder()
            .setEgressId("EG_1")
            .setTrack(
                TrackEgressRequest.newBuilder()
                    .setRoomName("room")
                    .setTrackId("TR_1")
                    .setFile(DirectFileOutput.newBuilder().setFilepath("a.ogg")))
            .build();
    spool.create(
        Part.begun(
            "EG_1",
            epoch,
            new Part.Room("RM_1", "room", "ws://sfu"),
            new Part.Track("TR_1", "audio", "microphone", "audio/opus", "alice"),
            Part.File.begun(file.toString(), name, manifest, time.unixNanos())),
        request.toByteArray());
  }

  @AfterEach
  void close() {
    spool.close();
  }

  @Test
  void anActiveEgressGoesOnAsTheNextPartWithWhatWasRecorded() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    recover();

    TrackPlan plan = continued.getFirst();
    assertThat(plan.epoch()).isEqualTo(2);
    assertThat(plan.continues()).isTrue();
    assertThat(plan.info().getRetryCount()).isEqualTo(1);
    assertThat(plan.info().getFileResultsCount()).isEqualTo(2);
    assertThat(plan.info().getFileResults(0).getDuration()).isEqualTo(3_000_000_000L);
    assertThat(reported).isEmpty();
    assertThat(spool.list()).hasSize(1); // until the end is safe
  }

  /** What is found may take long: a node serves before it is made whole. */
  @Test
  void aStartDoesNotWaitForWhatItFinds() throws IOException {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    List<Runnable> waiting = new ArrayList<>();
    each = waiting::add;
    byte[] left = Files.readAllBytes(folder.resolve("a.ogg"));
    recover();
    assertThat(waiting).hasSize(1);
    assertThat(folder.resolve("a.ogg")).hasBinaryContent(left);
    assertThat(continued).isEmpty();

    waiting.forEach(Runnable::run);

    assertThat(continued).hasSize(1);
  }

  @Test
  void anEgressThatAControllerIsGivingToAnotherNodeIsLeftToIt() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    grants = false;
    recover();

    assertThat(continued).isEmpty();
    assertThat(reported).isEmpty();
    assertThat(spool.list()).isEmpty();
  }

  @Test
  void anEgressThatNobodyHasStoredGoesOnWithoutAsking() {
    stored = _ -> Optional.empty();
    grants = false;
    recover();

    assertThat(continued.getFirst().epoch()).isEqualTo(2);
  }

  @Test
  void anEgressThatCannotGoOnEndsUnderTheEpochThatItWasGiven() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    refusal = Optional.of(new RpcException(RpcCode.INTERNAL, "no folder"));
    recover();

    assertThat(reported.getFirst().getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(reported.getFirst().getRetryCount()).isEqualTo(1);
  }

  @Test
  void anEgressThatWasEndingIsComplete() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ENDING, 0));
    recover();

    EgressInfo last = reported.getFirst();
    assertThat(last.getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(last.getFileResults(0).getDuration()).isEqualTo(3_000_000_000L);
    assertThat(last.getManifestLocation()).isEqualTo(folder.resolve("EG_1.json").toString());
    assertThat(folder.resolve("EG_1.json"))
        .content()
        .contains("\"publisher_identity\":\"alice\"")
        .contains("\"files\":[{\"filename\":\"a.ogg\",\"location\":\"" + folder.resolve("a.ogg"));
    assertThat(spool.list()).isEmpty();
  }

  @Test
  void whoWantedNoManifestGetsNone() throws IOException {
    spool.list().forEach(spool::erase);
    leave(false);
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ENDING, 0));
    recover();

    assertThat(reported.getFirst().getManifestLocation()).isEmpty();
    assertThat(folder.resolve("EG_1.json")).doesNotExist();
  }

  @Test
  void anEgressThatEndedIsForgottenAndKeepsItsFile() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_COMPLETE, 0));
    recover();

    assertThat(reported).isEmpty();
    assertThat(continued).isEmpty();
    assertThat(spool.list()).isEmpty();
    assertThat(folder.resolve("a.ogg")).isNotEmptyFile();
  }

  @Test
  void anEgressWhoseEndIsOnItsWayIsNotRevived() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    left = Optional.of(info("EG_1", EgressStatus.EGRESS_COMPLETE, 0));
    recover();

    assertThat(reported).isEmpty(); // the journal's replay tells it
    assertThat(continued).isEmpty();
    assertThat(spool.list()).isEmpty();
  }

  @Test
  void aStopThatNobodyWasToldOfIsCarriedOut() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    left = Optional.of(stopped());
    recover();

    assertThat(continued).isEmpty();
    EgressInfo last = reported.getFirst();
    assertThat(last.getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(last.getDetails()).isEqualTo("End reason: StopEgress API");
    assertThat(last.getError()).isEmpty();
    assertThat(last.getUpdatedAt()).isGreaterThan(stopped().getUpdatedAt());
    assertThat(last.getFileResults(0).getDuration()).isEqualTo(3_000_000_000L);
    assertThat(spool.list()).isEmpty();
  }

  @Test
  void soItIsIfTheKeeperNeverHeardOfTheEgress() {
    left = Optional.of(stopped());
    recover();

    assertThat(continued).isEmpty();
    assertThat(reported.getFirst().getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(reported.getFirst().getDetails()).isEqualTo("End reason: StopEgress API");
  }

  @Test
  void aStopBeforeAnythingPlaysFailsAsItDoesWithoutAKill() throws IOException {
    Files.delete(folder.resolve("a.ogg"));
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    left = Optional.of(stopped());
    recover();

    EgressInfo last = reported.getFirst();
    assertThat(last.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(last.getErrorCode()).isEqualTo(412);
    assertThat(last.getError()).startsWith("nothing was recorded");
    assertThat(last.getDetails()).isEqualTo("End reason: StopEgress API");
    assertThat(last.getFileResultsList()).isEmpty();
  }

  @Test
  void aStoredEndStandsWhateverWaitsInTheJournal() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_FAILED, 0));
    left = Optional.of(stopped());
    recover();

    assertThat(continued).isEmpty();
    assertThat(reported).isEmpty();
    assertThat(spool.list()).isEmpty();
  }

  @Test
  void thePartsOfAnEgressThatWasEndingAreOneFileWithTheGapFilled() throws IOException {
    time.advance(Duration.ofSeconds(10));
    leave(2, "a-1.ogg", true);
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ENDING, 1));
    recover();

    EgressInfo last = reported.getFirst();
    assertThat(last.getFileResultsCount()).isEqualTo(1);
    assertThat(last.getFileResults(0).getLocation()).isEqualTo(folder.resolve("a.ogg").toString());
    assertThat(last.getFileResults(0).getDuration()).isEqualTo(13_000_000_000L);
    assertThat(last.getDetails()).doesNotContain("parts");
    assertThat(folder.resolve("a-1.ogg")).doesNotExist();
    assertThat(folder.resolve("EG_1.json")).content().doesNotContain("a-1.ogg");
    assertThat(spool.list()).isEmpty();
  }

  @Test
  @SuppressWarnings("deprecation") // the single `file` is what older clients read
  void partsThatCantBeOneFileAreListedInTheOrderOfTime() throws IOException {
    time.advance(Duration.ofHours(7)); // a gap that nobody wants filled
    leave(2, "a-1.ogg", true);
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ENDING, 1));
    recover();

    EgressInfo last = reported.getFirst();
    assertThat(last.getFileResultsList())
        .extracting(FileInfo::getFilename)
        .containsExactly("a.ogg", "a-1.ogg");
    assertThat(last.getDetails()).isEqualTo("End reason: StopEgress API, recovered in 2 parts");
    assertThat(last.getFile()).isEqualTo(last.getFileResults(0));
    assertThat(folder.resolve("EG_1.json")).content().contains("a.ogg").contains("a-1.ogg");
  }

  @Test
  void aPartThatComesLateIsToldUnderTheEndThatIsStored() {
    takesLateParts = true;
    FileInfo others = recordedElsewhere();
    EgressInfo over =
        info("EG_1", EgressStatus.EGRESS_FAILED, 1).toBuilder()
            .setUpdatedAt(time.unixNanos())
            .setDetails("End reason: Failure")
            .addFileResults(others)
            .build();
    stored = _ -> Optional.of(over);
    recover();

    EgressInfo late = reported.getFirst();
    assertThat(late.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(late.getRetryCount()).as("the epoch of the part that is told").isZero();
    assertThat(late.getUpdatedAt()).isGreaterThan(over.getUpdatedAt());
    assertThat(late.getFileResultsList())
        .extracting(FileInfo::getFilename)
        .containsExactly("a.ogg", "b.ogg");
    assertThat(late.getDetails()).isEqualTo("End reason: Failure, recovered in 2 parts");
    assertThat(Path.of(late.getManifestLocation())).content().contains("a.ogg").contains("b.ogg");
    assertThat(spool.list()).isEmpty();
  }

  @Test
  void aPartOfAnEgressThatGoesOnElsewhereIsToldOnceThatHasEnded() {
    takesLateParts = true;
    grants = false;
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 1));
    recover();
    time.advance(Recovery.LOOK_AGAIN_AFTER.multipliedBy(3));
    assertThat(reported).isEmpty();
    assertThat(spool.list()).hasSize(1);

    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_COMPLETE, 1));
    time.advance(Recovery.LOOK_AGAIN_AFTER);
    assertThat(reported).hasSize(1);
    assertThat(reported.getFirst().getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(reported.getFirst().getFileResults(0).getFilename()).isEqualTo("a.ogg");
    assertThat(spool.list()).isEmpty();
    time.advance(Recovery.LOOK_AGAIN_AFTER.multipliedBy(3));
    assertThat(reported).hasSize(1);
  }

  /** The row's epoch rose, then the process died before the spool had the part. */
  @Test
  void anEgressThatAnEarlierProcessWasGivenAndDidNotBeginGoesOnHere() {
    takesLateParts = true;
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 1));
    next = 3;
    recover();
    assertThat(continued).singleElement().extracting(TrackPlan::epoch).isEqualTo(3);
    assertThat(reported).isEmpty();
    assertThat(spool.list()).hasSize(1);
  }

  @Test
  void whatIsListedAlreadyIsNotToldAgain() {
    takesLateParts = true;
    FileInfo listed =
        recordedElsewhere().toBuilder().setLocation(folder.resolve("a.ogg").toString()).build();
    stored =
        id ->
            Optional.of(
                info(id, EgressStatus.EGRESS_COMPLETE, 0).toBuilder()
                    .addFileResults(listed)
                    .build());
    recover();

    assertThat(reported).isEmpty();
    assertThat(spool.list()).isEmpty();
  }

  private FileInfo recordedElsewhere() {
    return FileInfo.newBuilder()
        .setFilename("b.ogg")
        .setLocation("/elsewhere/b.ogg")
        .setStartedAt(time.unixNanos() + 20_000_000_000L)
        .setDuration(1)
        .setSize(1)
        .build();
  }

  private EgressInfo stopped() {
    return info("EG_1", EgressStatus.EGRESS_ENDING, 0).toBuilder()
        .setDetails("End reason: StopEgress API")
        .setUpdatedAt(time.unixNanos())
        .build();
  }

  @Test
  void anEgressThatWentOnElsewhereIsLeftAlone() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 1));
    recover();

    assertThat(continued).isEmpty();
    assertThat(reported).isEmpty();
    assertThat(folder.resolve("a.ogg")).isNotEmptyFile();
  }

  @Test
  void aNodeThatIsToldToEndMeanwhileLeavesItToTheNextStart() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    refusal = Optional.of(new RpcException(RpcCode.UNAVAILABLE, "server is shutting down"));
    recover();

    assertThat(reported).isEmpty();
    assertThat(spool.list()).hasSize(1);
  }

  /** What a hung disk answers looks like the answer of a node that ends. */
  @Test
  void anEgressWhoseDiskIsSlowIsTakenUpOnceTheDiskAnswers() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    refusal = Optional.of(new RpcException(RpcCode.UNAVAILABLE, "the node's disk does not answer"));
    Recovery recovery = recover();
    time.advance(Duration.ofSeconds(5));
    assertThat(continued).isEmpty();
    assertThat(recovery.underWay()).containsExactly("EG_1");

    refusal = Optional.empty();
    time.advance(Recovery.TRY_AGAIN_AT_MOST_AFTER);

    assertThat(continued).hasSize(1);
    assertThat(continued.getFirst().epoch()).isEqualTo(2);
    assertThat(recovery.underWay()).isEmpty();
    assertThat(reported).isEmpty();
  }

  @Test
  void soIsOneThatADefectKeptFromBeingTakenUp() {
    stored =
        _ -> {
          throw new StackOverflowError("played by the test");
        };
    recover();
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ENDING, 0));
    time.advance(Recovery.TRY_AGAIN_AFTER);

    assertThat(reported.getFirst().getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(spool.list()).isEmpty();
    time.advance(Duration.ofHours(1));
    assertThat(reported).hasSize(1);
  }

  @Test
  void anEgressThatCantBeTakenUpForLongIsTriedOnButIsNotHeldForEver() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    refusal = Optional.of(new RpcException(RpcCode.UNAVAILABLE, "played by the test"));
    Recovery recovery = recover();
    time.advance(Duration.ofHours(1));
    assertThat(recovery.underWay()).isEmpty();

    refusal = Optional.empty();
    time.advance(Recovery.TRY_AGAIN_AT_MOST_AFTER);

    assertThat(continued).hasSize(1);
  }

  @Test
  void aPartThatWasBegunHereMeanwhileIsNotTakenForALeftOver() throws IOException {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    refusal = Optional.of(new RpcException(RpcCode.UNAVAILABLE, "played by the test"));
    recover();
    leave(2, "b.ogg", false); // a controller gave this very node the egress anew
    byte[] recording = Files.readAllBytes(folder.resolve("b.ogg"));
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 1));
    refusal = Optional.empty();
    time.advance(Recovery.TRY_AGAIN_AFTER);

    assertThat(continued).isEmpty();
    assertThat(spool.list()).extracting(Part::epoch).containsExactly(2);
    assertThat(folder.resolve("b.ogg")).hasBinaryContent(recording);
  }

  @Test
  void aNodeThatClosesMeanwhileLeavesItToTheNextStart() {
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    refusal = Optional.of(new RpcException(RpcCode.UNAVAILABLE, "server is shutting down"));
    Recovery recovery = recover();
    refusal = Optional.empty();
    each =
        _ -> {
          throw new RejectedExecutionException("closed");
        };
    time.advance(Duration.ofHours(1));

    assertThat(continued).isEmpty();
    assertThat(recovery.underWay()).isEmpty();
    assertThat(spool.list()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spool", "EG_1"})
  void whatTheDiskDoesNotListIsTakenUpWhenItDoes(String folderName) throws IOException {
    reopen();
    stored = id -> Optional.of(info(id, EgressStatus.EGRESS_ACTIVE, 0));
    unlistable = folderName;
    recover();
    assertThat(spool.unlisted()).hasSize(1);
    time.advance(Duration.ofMinutes(10));
    assertThat(continued).isEmpty();

    unlistable = "none";
    time.advance(SpoolLooks.AGAIN_AT_MOST_AFTER);

    assertThat(continued).extracting(TrackPlan::epoch).containsExactly(2);
    assertThat(spool.unlisted()).isEmpty();
    time.advance(Duration.ofMinutes(10));
    assertThat(continued).as("taken up once").hasSize(1);
  }

  @Test
  void whatThisProcessBeganIsNotTakenForAnEarlierOnes() throws IOException {
    spool.list().forEach(spool::erase);
    reopen();
    unlistable = "spool";
    recover();
    leave(true); // begun while nothing was known of the spool

    unlistable = "none";
    time.advance(SpoolLooks.AGAIN_AT_MOST_AFTER);

    assertThat(spool.unlisted()).isEmpty();
    assertThat(continued).isEmpty();
    assertThat(reported).isEmpty();
    assertThat(spool.list()).hasSize(1);
  }

  /** Another process: what the spool holds now is left by an earlier one. */
  private void reopen() throws IOException {
    spool.close();
    open();
  }

  @Test
  void nothingIsGuessedWhileNobodyTellsWhatIsStored() {
    stored =
        _ -> {
          throw new RpcException(RpcCode.UNAVAILABLE, "no response from servers");
        };
    recover();

    assertThat(reported).isEmpty();
    assertThat(continued).isEmpty();
    assertThat(spool.list()).hasSize(1);
  }

  private Recovery recover() {
    StatusReporter reporter =
        new StatusReporter(
            "NE_1",
            new Keeper(),
            this::written,
            time,
            new Random(1),
            Runnable::run,
            (_, _) -> true);
    Recovery recovery =
        new Recovery(
            spool,
            new PartSalvage(spool, false),
            new PartJoin(
                spool,
                new LocalOutputs(
                    new LocalOutputSettings(folder, List.of(), false, 0), FreeDisk.ofSystem()),
                false),
            new PlanReader("ws://sfu"),
            reporter,
            new Recovery.Peers(
                id -> stored.apply(id),
                (_, last) -> grants ? Optional.of(Math.max(next, last + 1)) : Optional.empty(),
                this::goOn,
                takesLateParts),
            new Recovery.Threads(task -> each.execute(task), Runnable::run),
            time);
    recovery.start(left.map(info -> Map.of("EG_1", info)).orElse(Map.of()));
    return recovery;
  }

  private EgressInfo goOn(TrackPlan plan) {
    refusal.ifPresent(refused -> {
      throw refused;
    });
    continued.add(plan);
    return plan.info();
  }

  private StatusReporter.Ledger.Entry written(
      String egressId, int epoch, boolean last, byte[] status) {
    return new StatusReporter.Ledger.Entry() {
      @Override
      public Durability durable(Deadline deadline) {
        return Durability.DURABLE;
      }

      @Override
      public void acknowledge() {}
    };
  }

  private EgressInfo info(String id, EgressStatus status, int retryCount) {
    return EgressInfo.newBuilder()
        .setEgressId(id)
        .setStatus(status)
        .setRetryCount(retryCount)
        .build();
  }

  private final class Keeper implements RpcClient {
    @Override
    @SuppressWarnings("unchecked")
    public <Q extends Message, R extends Message> R call(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      reported.add((EgressInfo) request);
      return (R) Empty.getDefaultInstance();
    }

    @Override
    public <Q extends Message, R extends Message> List<R> callAll(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      throw new AssertionError("not called");
    }

    @Override
    public void close() {}
  }
}
