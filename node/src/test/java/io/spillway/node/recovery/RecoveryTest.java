package io.spillway.node.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import io.spillway.core.media.Codec;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.SimulatedTime;
import io.spillway.media.TrackWriter;
import io.spillway.media.track.TrackFiles;
import io.spillway.node.report.StatusReporter;
import io.spillway.node.request.PlanReader;
import io.spillway.node.request.TrackPlan;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.storage.seal.Seal;
import io.spillway.storage.seal.SealKeys;
import io.spillway.storage.spool.Part;
import io.spillway.storage.spool.Spool;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files and spool as a kill leaves them; what is stored is played by the test. */
final class RecoveryTest {
  private static final byte[] OPUS_PACKET = {(byte) 0xfc, 1, 2, 3, 4, 5, 6, 7};

  private final SimulatedTime time = new SimulatedTime();
  private final List<EgressInfo> reported = new ArrayList<>();
  private final List<TrackPlan> continued = new ArrayList<>();
  private Function<String, Optional<EgressInfo>> stored = _ -> Optional.empty();
  private Optional<RpcException> refusal = Optional.empty();
  private boolean endedInJournal;
  private boolean grants = true;
  @TempDir private Path folder;
  private Spool spool;

  @BeforeEach
  void aKilledNode() throws IOException {
    SecureRandom random = new SecureRandom();
    spool =
        Spool.open(
            folder.resolve("spool"),
            new Seal(SealKeys.ofFile(folder.resolve("key"), random), random));
    leave(true);
  }

  private void leave(boolean manifest) throws IOException {
    Path file = folder.resolve("a.ogg");
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
            1,
            new Part.Room("RM_1", "room", "ws://sfu"),
            new Part.Track("TR_1", "audio", "microphone", "audio/opus", "alice"),
            Part.File.begun(file.toString(), "a.ogg", manifest, time.unixNanos())),
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
    endedInJournal = true;
    recover();

    assertThat(continued).isEmpty();
    assertThat(spool.list()).isEmpty();
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

  private void recover() {
    StatusReporter reporter =
        new StatusReporter(
            "NE_1", new Keeper(), this::written, time, new Random(1), Runnable::run, (_, _) -> {});
    new Recovery(
            spool,
            new PlanReader("ws://sfu"),
            reporter,
            new Recovery.Peers(
                id -> stored.apply(id),
                _ -> endedInJournal,
                (_, last) -> grants ? Optional.of(last + 1) : Optional.empty(),
                this::goOn),
            new Recovery.Threads(Runnable::run, Runnable::run),
            time)
        .start();
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
      public boolean durable(Deadline deadline) {
        return true;
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
