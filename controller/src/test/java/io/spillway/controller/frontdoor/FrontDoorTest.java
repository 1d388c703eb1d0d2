package io.spillway.controller.frontdoor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.spillway.controller.Controller;
import io.spillway.controller.ControllerFixture;
import io.spillway.controller.LeasedNode;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.time.SystemTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.RoomCompositeEgressRequest;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The front door between two memory buses, over a real store. */
final class FrontDoorTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir private Path folder;
  private final MemoryBus door = new MemoryBus(new RpcMetrics());
  private final SystemTime time = new SystemTime();
  private final LiveKitSide livekit = new LiveKitSide(door, time);

  @AfterEach
  void close() {
    livekit.close();
    door.close();
    time.close();
  }

  private ControllerFixture open() throws Exception {
    return new ControllerFixture(folder, _ -> door);
  }

  private static LeasedNode node(ControllerFixture at) throws Exception {
    LeasedNode node = new LeasedNode("NE_a", at);
    var _ = node.renew();
    Awaitility.await()
        .atMost(SOON)
        .until(() ->
            at.store.nodes().find("NE_a").filter(it -> it.state().equals("HEALTHY")).isPresent());
    return node;
  }

  private static void awaitAllTold(ControllerFixture at) {
    Awaitility.await().atMost(SOON).until(() -> at.store.outbox().backlog().isEmpty());
  }

  @Test
  void aStartGoesToANodeAndEachStatusIsToldOnceAndInOrder() throws Exception {
    try (ControllerFixture at = open();
        LeasedNode node = node(at)) {
      EgressInfo info = livekit.start("EG_1");
      assertThat(info.getEgressId()).isEqualTo("EG_1");
      assertThat(info.getRoomId()).isEqualTo("RM_studio");
      assertThat(info.getTrack().getFile().getS3().getSecret()).doesNotContain("top");
      assertThat(node.requests()).hasSize(1);
      node.report("EG_1", EgressStatus.EGRESS_ACTIVE);
      node.report("EG_1", EgressStatus.EGRESS_ENDING);
      node.report("EG_1", EgressStatus.EGRESS_COMPLETE);
      awaitAllTold(at);
      assertThat(livekit.webhooks())
          .containsExactly(
              "EG_1 started EGRESS_STARTING",
              "EG_1 updated EGRESS_ACTIVE",
              "EG_1 updated EGRESS_ENDING",
              "EG_1 ended EGRESS_COMPLETE");
    }
  }

  @Test
  void aRepeatedStartIsAnsweredAsTheFirstAndRecordsOnce() throws Exception {
    try (ControllerFixture at = open();
        LeasedNode node = node(at)) {
      EgressInfo first = livekit.start("EG_1");
      EgressInfo second = livekit.start("EG_1");
      assertThat(second.getEgressId()).isEqualTo("EG_1");
      assertThat(second.getStartedAt()).isEqualTo(first.getStartedAt());
      assertThat(node.requests()).hasSize(1);
      awaitAllTold(at);
      assertThat(livekit.webhooks()).containsExactly("EG_1 started EGRESS_STARTING");
    }
  }

  @Test
  void aStartThatIsRepeatedWhileTheFirstIsUnderWayWaitsForItsOutcome() throws Exception {
    try (ControllerFixture at = open();
        LeasedNode node = node(at);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      node.fallSilent(false); // it reports, but its answer is lost
      Future<EgressInfo> first = callers.submit(() -> livekit.start("EG_1"));
      Awaitility.await().atMost(SOON).until(() -> !node.requests().isEmpty());
      Future<EgressInfo> second = callers.submit(() -> livekit.start("EG_1"));
      assertThat(second.get().getEgressId()).isEqualTo("EG_1");
      assertThat(first.get().getEgressId()).isEqualTo("EG_1");
      assertThat(node.requests()).hasSize(1);
      assertThat(at.stored("EG_1").getStatus()).isEqualTo(EgressStatus.EGRESS_STARTING);
    }
  }

  @Test
  void aStartThatFailedFailsAgainAndLiveKitHearsOfNoEgress() throws Exception {
    try (ControllerFixture at = open();
        LeasedNode node = node(at)) {
      node.refuse(new RpcException(RpcCode.INVALID_ARGUMENT, "no such track kind"));
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> livekit.start("EG_1"))
            .isInstanceOfSatisfying(
                RpcException.class,
                refused -> assertThat(refused.code()).isEqualTo(RpcCode.INVALID_ARGUMENT))
            .hasMessageContaining("no such track kind");
      }
      assertThat(node.requests()).hasSize(1);
      awaitAllTold(at);
      assertThat(livekit.webhooks()).isEmpty();
    }
  }

  @Test
  void aStartThatFoundNoRoomFindsSomeWhenItIsAskedForAgainUnderItsId() throws Exception {
    try (ControllerFixture at = open();
        LeasedNode node = node(at)) {
      node.refuse(new RpcException(RpcCode.RESOURCE_EXHAUSTED, "no room at present"));
      assertThatThrownBy(() -> livekit.start("EG_1"))
          .isInstanceOfSatisfying(
              RpcException.class,
              full -> assertThat(full.code()).isEqualTo(RpcCode.RESOURCE_EXHAUSTED));
      assertThat(at.store.find("EG_1")).isEmpty();
      node.refuseNoMore();
      assertThat(livekit.start("EG_1").getEgressId()).isEqualTo("EG_1");
      assertThat(node.requests()).hasSize(2);
      awaitAllTold(at);
      assertThat(livekit.webhooks()).containsExactly("EG_1 started EGRESS_STARTING");
    }
  }

  @Test
  void afterAnOutageOfLiveKitsRedisTheNodesAreToldToTakeTheirSignallingUpAgain() throws Exception {
    ProvenBus proven = new ProvenBus(door);
    try (ControllerFixture at = new ControllerFixture(folder, _ -> proven);
        LeasedNode node = node(at)) {
      proven.silentFor(Duration.ofSeconds(20));
      Awaitility.await().atMost(SOON).until(() -> proven.looks() > 4);
      assertThat(node.renew()).noneMatch(LeaseOrder.RefreshSignalling.class::isInstance);
      proven.silentFor(Duration.ZERO);
      Awaitility.await()
          .atMost(SOON)
          .until(
              () -> node.renew().stream().anyMatch(LeaseOrder.RefreshSignalling.class::isInstance));
    }
  }

  @Test
  void whatLiveKitHasTakenIsNotToldAgainThoughItsAnswerWasLost() throws Exception {
    try (ControllerFixture at = open();
        LeasedNode node = node(at)) {
      var _ = livekit.start("EG_1");
      livekit.loseAnswers(1);
      node.report("EG_1", EgressStatus.EGRESS_ACTIVE);
      awaitAllTold(at);
      livekit.loseAnswers(1);
      node.report("EG_1", EgressStatus.EGRESS_COMPLETE);
      awaitAllTold(at);
      assertThat(livekit.webhooks())
          .containsExactly(
              "EG_1 started EGRESS_STARTING",
              "EG_1 updated EGRESS_ACTIVE",
              "EG_1 ended EGRESS_COMPLETE");
    }
  }

  @Test
  void aStopReachesTheNodeAndWhatCannotBeDoneIsRefusedByName() throws Exception {
    RpcMetrics metrics = new RpcMetrics();
    try (ControllerFixture at = open();
        LeasedNode _ = node(at);
        RpcServer handlers =
            new PsrpcServer(
                at.bus,
                EgressServices.EGRESS_HANDLER,
                "NE_a",
                time,
                ServerLimits.defaults(),
                metrics)) {
      var _ = livekit.start("EG_1");
      handlers.serve(
          EgressServices.STOP_EGRESS,
          "EG_1",
          (request, context) ->
              at.stored("EG_1").toBuilder().setStatus(EgressStatus.EGRESS_ENDING).build());
      assertThat(livekit.stop("EG_1").getStatus()).isEqualTo(EgressStatus.EGRESS_ENDING);
      assertThatThrownBy(() ->
              livekit.ask(
                  StartEgressRequest.newBuilder()
                      .setEgressId("EG_2")
                      .setRoomComposite(RoomCompositeEgressRequest.getDefaultInstance())
                      .build()))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("RoomComposite egress is not supported");
    }
  }

  /** Somebody else who claims on the door; what it was told to start. */
  private PsrpcServer stranger(List<String> started) {
    PsrpcServer stranger =
        new PsrpcServer(
            door,
            EgressServices.EGRESS_INTERNAL,
            "NE_stranger",
            time,
            ServerLimits.defaults(),
            new RpcMetrics());
    stranger.serve(
        EgressServices.START_EGRESS,
        "",
        (request, context) -> {
          started.add(request.getEgressId());
          return EgressInfo.getDefaultInstance();
        });
    return stranger;
  }

  @Test
  void aStrangerStopsTheStartIsNamedAndStartsNothing() throws Exception {
    List<String> started = new CopyOnWriteArrayList<>();
    try (PsrpcServer _ = stranger(started)) {
      assertThatThrownBy(this::open)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the front door at livekits-redis:6379 is not ours alone")
          .hasMessageContaining("NE_stranger");
      assertThat(started).isEmpty();
    }
  }

  @Test
  void aStrangerThatComesLaterIsCountedAndAlertedOf() throws Exception {
    try (ControllerFixture at = open()) {
      assertThat(gauge(at, "spillway_front_door_open")).isEqualTo(1);
      assertThat(gauge(at, "spillway_front_door_strangers")).isZero();
      try (PsrpcServer _ = stranger(new CopyOnWriteArrayList<>())) {
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> gauge(at, "spillway_front_door_strangers") == 1);
        Awaitility.await().atMost(SOON).until(() -> alert(at, "SpillwayFrontDoorShared") == 1);
      }
    }
  }

  private static double gauge(ControllerFixture at, String name) {
    return at.metrics.scrape(name::equals).stream()
        .map(GaugeSnapshot.class::cast)
        .mapToDouble(snapshot -> snapshot.getDataPoints().getFirst().getValue())
        .sum();
  }

  private static double alert(ControllerFixture at, String name) {
    return at.metrics.scrape("spillway_alerts_firing"::equals).stream()
        .map(GaugeSnapshot.class::cast)
        .flatMap(snapshot -> snapshot.getDataPoints().stream())
        .filter(point -> name.equals(point.getLabels().get("alertname")))
        .mapToDouble(GaugeSnapshot.GaugeDataPointSnapshot::getValue)
        .sum();
  }

  @Test
  void anotherControllerOfTheFleetIsNoStranger() throws Exception {
    try (ControllerFixture at = open();
        Controller other = at.another(new DoorBus(door, "livekits-redis:6379"))) {
      other.start();
      Awaitility.await()
          .during(Duration.ofSeconds(6)) // at least one look of the first
          .atMost(Duration.ofSeconds(7))
          .until(() -> gauge(at, "spillway_front_door_strangers") == 0);
    }
  }

  @Test
  void oneRedisForTheFleetAndLiveKitIsRefused() {
    assertThatThrownBy(() -> new ControllerFixture(folder, fleet -> fleet))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("front_door and redis are one Redis server");
  }
}
