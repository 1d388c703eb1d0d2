package io.spillway.node.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.SimulatedTime;
import io.spillway.core.trace.TraceKeys;
import io.spillway.node.request.EgressTrace;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.storage.journal.Durability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Everything runs on the test's thread: the executor is direct, time is simulated. */
final class StatusReporterTest {
  private static final EgressTrace ASKED = new EgressTrace("REQ_1", "a", 1, "NE_1", "RM_1");

  private final SimulatedTime time = new SimulatedTime();
  private final List<String> delivered = new ArrayList<>();
  private final List<Map<String, String>> metadata = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();
  private final List<String> acknowledged = new ArrayList<>();
  private boolean noMemory;
  private Function<Deadline, Durability> disk = _ -> Durability.DURABLE;
  private Function<EgressInfo, Optional<RpcCode>> failure = _ -> Optional.empty();
  private StatusReporter.Listener listener = (egress, _) -> refused.add(egress);
  private final StatusReporter reporter =
      new StatusReporter(
          "NE_1",
          new Peer(),
          this::write,
          time,
          new Random(1),
          this::run,
          (egress, why) -> listener.refused(egress, why));

  @Test
  void statusesOfAnEgressArriveInOrderTheFirstByCreateEgress() {
    reporter.created(info("a", EgressStatus.EGRESS_STARTING), ASKED);
    reporter.updated(info("a", EgressStatus.EGRESS_ACTIVE), ASKED);
    reporter.ended(info("a", EgressStatus.EGRESS_COMPLETE), () -> {});

    assertThat(delivered)
        .containsExactly(
            "CreateEgress a EGRESS_STARTING",
            "UpdateEgress a EGRESS_ACTIVE",
            "UpdateEgress a EGRESS_COMPLETE");
    assertThat(acknowledged).hasSize(3);
    assertThat(reporter.depth()).isZero();
  }

  @Test
  void anyErrorIsTriedAgainUntilItIsDeliveredForADay() {
    failure = _ -> Optional.of(RpcCode.INTERNAL); // livekit/egress would drop the update here
    reporter.updated(info("a", EgressStatus.EGRESS_ACTIVE), ASKED);
    reporter.ended(info("a", EgressStatus.EGRESS_COMPLETE), () -> {});
    time.advance(Duration.ofHours(20));
    assertThat(delivered).isEmpty();
    assertThat(reporter.depth()).isEqualTo(2);
    assertThat(reporter.oldestAge()).isEqualTo(Duration.ofHours(20));

    failure = _ -> Optional.empty();
    time.advance(Duration.ofSeconds(10));

    assertThat(delivered)
        .containsExactly("UpdateEgress a EGRESS_ACTIVE", "UpdateEgress a EGRESS_COMPLETE");
  }

  @Test
  void asSoonAsAMessageGetsThroughWhatPausesIsTriedOnce() {
    failure = _ -> Optional.of(RpcCode.UNAVAILABLE);
    reporter.updated(info("a", EgressStatus.EGRESS_ACTIVE), ASKED);
    reporter.updated(info("b", EgressStatus.EGRESS_ACTIVE), ASKED);
    time.advance(Duration.ofMinutes(1));
    failure =
        info ->
            info.getEgressId().equals("b") ? Optional.of(RpcCode.UNAVAILABLE) : Optional.empty();
    reporter.gotThrough();
    assertThat(delivered).containsExactly("UpdateEgress a EGRESS_ACTIVE");

    failure = _ -> Optional.empty();
    reporter.gotThrough(); // b fails for a reason of its own, and keeps its pauses
    assertThat(delivered).hasSize(1);
    time.advance(Duration.ofSeconds(10));
    assertThat(delivered)
        .containsExactly("UpdateEgress a EGRESS_ACTIVE", "UpdateEgress b EGRESS_ACTIVE");
    reporter.gotThrough();
    time.advance(Duration.ofMinutes(1));
    assertThat(delivered).hasSize(2);
  }

  @Test
  void anEgressThatCantBeReportedHoldsNoOther() {
    failure =
        info ->
            info.getEgressId().equals("a") ? Optional.of(RpcCode.UNAVAILABLE) : Optional.empty();
    reporter.updated(info("a", EgressStatus.EGRESS_ACTIVE), ASKED);

    reporter.updated(info("b", EgressStatus.EGRESS_ACTIVE), ASKED);

    assertThat(delivered).containsExactly("UpdateEgress b EGRESS_ACTIVE");
  }

  @Test
  void anEgressThatNobodyWantsIsToldToItsRecorder() {
    failure = _ -> Optional.of(RpcCode.ALREADY_EXISTS);
    reporter.created(info("a", EgressStatus.EGRESS_STARTING), ASKED);

    assertThat(refused).containsExactly("a");
    assertThat(reporter.depth()).isZero();
  }

  /**
   * livekit-server gives an egress to one recorder only: no refusal of its may cost a recording.
   */
  @Test
  void whereNobodyFencesARefusalIsAnErrorLikeAnyOther() throws InterruptedException {
    listener = (_, _) -> false;
    failure = _ -> Optional.of(RpcCode.ALREADY_EXISTS);
    StatusReporter.Delivery created =
        reporter.created(info("a", EgressStatus.EGRESS_STARTING), ASKED);
    reporter.updated(info("a", EgressStatus.EGRESS_ACTIVE), ASKED);
    assertThat(created.isSettled()).isFalse();
    assertThat(reporter.depth()).isEqualTo(2);

    failure = _ -> Optional.empty();
    time.advance(Duration.ofSeconds(10));

    assertThat(created.await(Deadline.in(time, Duration.ZERO))).isEmpty();
    assertThat(delivered)
        .containsExactly("CreateEgress a EGRESS_STARTING", "UpdateEgress a EGRESS_ACTIVE");
  }

  @Test
  void anErrorInASendIsAFailedTryAndNotTheEndOfTheLane() {
    failure =
        _ -> {
          throw new OutOfMemoryError("played by the test");
        };
    reporter.updated(info("a", EgressStatus.EGRESS_ACTIVE), ASKED);
    reporter.ended(info("a", EgressStatus.EGRESS_COMPLETE), () -> {});
    time.advance(Duration.ofMinutes(1));
    assertThat(delivered).isEmpty();

    failure = _ -> Optional.empty();
    time.advance(Duration.ofSeconds(10));

    assertThat(delivered)
        .containsExactly("UpdateEgress a EGRESS_ACTIVE", "UpdateEgress a EGRESS_COMPLETE");
    assertThat(reporter.waiting()).isEmpty();
  }

  @Test
  void soIsADefectOfWhoeverIsToldOfARefusal() {
    failure = _ -> Optional.of(RpcCode.ALREADY_EXISTS);
    listener =
        (_, _) -> {
          throw new IllegalStateException("played by the test");
        };
    reporter.created(info("a", EgressStatus.EGRESS_STARTING), ASKED);
    assertThat(reporter.depth()).isEqualTo(1);

    listener = (egress, _) -> refused.add(egress);
    time.advance(Duration.ofSeconds(10));

    assertThat(refused).containsExactly("a");
    assertThat(reporter.depth()).isZero();
  }

  /** No thread can be had for a while: the lane waits, and goes on by itself. */
  @Test
  void soIsWantOfMemoryForAThread() {
    noMemory = true;
    reporter.updated(info("a", EgressStatus.EGRESS_ACTIVE), ASKED);
    assertThat(delivered).isEmpty();

    noMemory = false;
    time.advance(Duration.ofSeconds(10));

    assertThat(delivered).containsExactly("UpdateEgress a EGRESS_ACTIVE");
  }

  private void run(Runnable task) {
    if (noMemory) {
      throw new OutOfMemoryError("played by the test");
    }
    task.run();
  }

  @Test
  void afterADayAStatusIsGivenUp() {
    failure = _ -> Optional.of(RpcCode.UNAVAILABLE);
    reporter.updated(info("a", EgressStatus.EGRESS_ACTIVE), ASKED);
    time.advance(Duration.ofHours(25));

    assertThat(reporter.depth()).isZero();
  }

  @Test
  void aStatusNamesTheRequestThatBeganItsEgressAndWhereItRuns() {
    reporter.created(info("a", EgressStatus.EGRESS_STARTING), ASKED);
    reporter.updated(info("a", EgressStatus.EGRESS_ACTIVE), ASKED);
    reporter.ended(info("a", EgressStatus.EGRESS_COMPLETE), ASKED, () -> {});

    assertThat(metadata)
        .hasSize(3)
        .allSatisfy(sent ->
            assertThat(sent)
                .containsEntry(TraceKeys.META_REQUEST, "REQ_1")
                .containsEntry(TraceKeys.META_EGRESS, "a")
                .containsEntry(TraceKeys.META_EPOCH, "1")
                .containsEntry(TraceKeys.META_NODE, "NE_1")
                .containsEntry(TraceKeys.META_ROOM_SID, "RM_1"));
  }

  @Test
  void aStatusOfAnEarlierProcessNamesNoRequest() {
    reporter.ended(info("a", EgressStatus.EGRESS_COMPLETE), () -> {});

    assertThat(metadata).hasSize(1);
    assertThat(metadata.getFirst())
        .containsEntry(TraceKeys.META_EGRESS, "a")
        .doesNotContainKey(TraceKeys.META_REQUEST);
  }

  /** The disk takes 900 ms: a kill meanwhile must not leave a status told and unknown to us. */
  @Test
  void nothingIsSentBeforeItIsOnASlowDiskButActive() {
    disk = deadline -> slow(deadline, Duration.ofMillis(900));
    for (EgressStatus status :
        List.of(
            EgressStatus.EGRESS_STARTING,
            EgressStatus.EGRESS_ACTIVE,
            EgressStatus.EGRESS_ENDING,
            EgressStatus.EGRESS_COMPLETE)) {
      long asked = time.nanos();
      boolean ends = status == EgressStatus.EGRESS_COMPLETE;
      AtomicBoolean safe = new AtomicBoolean();
      switch (status) {
        case EGRESS_STARTING -> reporter.created(info("a", status), ASKED);
        case EGRESS_COMPLETE -> reporter.ended(info("a", status), ASKED, () -> safe.set(true));
        default -> reporter.updated(info("a", status), ASKED);
      }
      boolean overtakes = status == EgressStatus.EGRESS_ACTIVE;
      assertThat(delivered).last().asString().endsWith(status.name());
      assertThat(Duration.ofNanos(time.nanos() - asked))
          .as("%s was sent after", status)
          .isEqualTo(Duration.ofMillis(overtakes ? 50 : 900));
      assertThat(safe.get()).isEqualTo(ends);
    }
    assertThat(delivered).hasSize(4);
    assertThat(reporter.sentUnwritten()).isEqualTo(1);
  }

  @Test
  void whatADiskWontTakeIsSentAtOnce() {
    disk = _ -> Durability.MEMORY_ONLY;
    long asked = time.nanos();
    reporter.created(info("a", EgressStatus.EGRESS_STARTING), ASKED);
    reporter.ended(info("a", EgressStatus.EGRESS_COMPLETE), ASKED, () -> {});

    assertThat(delivered)
        .containsExactly("CreateEgress a EGRESS_STARTING", "UpdateEgress a EGRESS_COMPLETE");
    assertThat(time.nanos()).isEqualTo(asked);
    assertThat(reporter.sentUnwritten()).as("the journal counts those").isZero();
  }

  @Test
  void aLedgerThatSaysNothingHoldsNoStatusForEver() {
    disk = deadline -> slow(deadline, Duration.ofDays(1));
    reporter.ended(info("a", EgressStatus.EGRESS_COMPLETE), ASKED, () -> {});

    assertThat(delivered).containsExactly("UpdateEgress a EGRESS_COMPLETE");
    assertThat(reporter.sentUnwritten()).isEqualTo(1);
  }

  /** As the journal's ticket waits: for the disk, at most until the deadline. */
  private Durability slow(Deadline deadline, Duration needed) {
    Duration left = Duration.ofNanos(deadline.remainingNanos());
    boolean inTime = needed.compareTo(left) <= 0;
    time.advance(inTime ? needed : left);
    return inTime ? Durability.DURABLE : Durability.NOT_YET;
  }

  private EgressInfo info(String id, EgressStatus status) {
    return EgressInfo.newBuilder()
        .setEgressId(id)
        .setStatus(status)
        .setUpdatedAt(time.unixNanos())
        .build();
  }

  private StatusReporter.Ledger.Entry write(
      String egressId, int epoch, boolean last, byte[] status) {
    return new StatusReporter.Ledger.Entry() {
      @Override
      public Durability durable(Deadline deadline) {
        return disk.apply(deadline);
      }

      @Override
      public void acknowledge() {
        acknowledged.add(egressId);
      }
    };
  }

  private final class Peer implements RpcClient {
    @Override
    @SuppressWarnings("unchecked")
    public <Q extends Message, R extends Message> R call(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      EgressInfo info = (EgressInfo) request;
      failure
          .apply(info)
          .ifPresent(code -> {
            throw new RpcException(code, "the peer says " + code);
          });
      assertThat(options.metadata())
          .containsEntry(TraceKeys.META_SEQUENCE, Long.toString(info.getUpdatedAt()))
          .containsEntry(TraceKeys.META_NODE, "NE_1");
      metadata.add(options.metadata());
      delivered.add(method.name() + " " + info.getEgressId() + " " + info.getStatus());
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
