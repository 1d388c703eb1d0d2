package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.app.client.ApiException;
import io.spillway.app.client.EgressClient;
import io.spillway.core.time.SystemTime;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import io.spillway.interop.fixture.ControllerProcess;
import io.spillway.interop.fixture.FleetStage;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.ListEgressRequest;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Controllers and nodes in processes of their own, on a real Redis, PostgreSQL and livekit-server;
 * one of them goes away while tracks are recorded.
 */
class FleetTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Six seconds to notice, and a join on a busy machine. */
  private static final Duration GOES_ON_WITHIN = Duration.ofSeconds(12);

  @TempDir Path folder;

  @Test
  void eachControllerStartsAndWhatALostNodeHadGoesOnOnAnother() throws Exception {
    try (FleetStage stage = FleetStage.set(folder, 2, 3, "");
        RustPublisher publisher = stage.publisher("studio", "alice")) {
      String track = publisher.publishAudio();
      List<String> egresses = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        ControllerProcess at = stage.controller(i % 2);
        egresses.add(at.client().start(stage.request("studio", track, "take" + i)).getEgressId());
      }
      for (String id : egresses) {
        stage.await(stage.controller(1), id, EgressStatus.EGRESS_ACTIVE, PATIENCE);
      }
      Stage.letPass(Duration.ofSeconds(2));

      String lostNode = node(stage, egresses.getFirst());
      Set<String> lost = new HashSet<>();
      for (String id : egresses) {
        if (node(stage, id).equals(lostNode)) {
          lost.add(id);
        }
      }
      Instant killed = Instant.now();
      stage.node(lostNode).kill();
      for (String id : lost) {
        Awaitility.await(id + " goes on on another node")
            .atMost(GOES_ON_WITHIN)
            .pollInterval(Duration.ofMillis(100))
            .until(() -> {
              JsonNode row = stage.row(stage.controller(0), id);
              return row.path("epoch").asInt() == 2
                  && !List.of("", lostNode).contains(row.path("node").asString(""));
            });
      }
      System.err.println(
          lost.size()
              + " egresses of a lost node went on after "
              + Duration.between(killed, Instant.now()).toMillis()
              + " ms");
      Stage.letPass(Duration.ofSeconds(3));
      for (String id : egresses) {
        stage.controller(1).client().stop(id);
      }
      for (String id : egresses) {
        EgressInfo info =
            stage.await(stage.controller(0), id, EgressStatus.EGRESS_COMPLETE, PATIENCE);
        assertThat(info.getRetryCount()).isEqualTo(lost.contains(id) ? 1 : 0);
        String file = info.getFileResults(info.getFileResultsCount() - 1).getLocation();
        assertThat(file.endsWith("-1.ogg")).as(file).isEqualTo(lost.contains(id));
        RecordedMedia.of(file).plays("opus");
      }
      stage.node(lostNode).startAgain(); // its machine returns, and with it what it had recorded
      for (String id : lost) {
        bothPartsAreListed(stage, id);
      }
    }
  }

  private static void bothPartsAreListed(FleetStage stage, String id) throws Exception {
    EgressInfo info =
        Awaitility.await(id + " lists the part of the lost node")
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(200))
            .until(
                () -> stage.controller(0).client().find(id).orElseThrow(),
                found -> found.getFileResultsCount() > 1);
    assertThat(info.getFileResultsList())
        .extracting(file -> file.getLocation().endsWith("-1.ogg"))
        .as("the parts of %s in the order of time", info)
        .containsExactly(false, true);
    assertThat(info.getStatus()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(info.getRetryCount()).isOne();
    assertThat(info.getDetails()).contains("recovered in 2 parts");
    assertThat(info.getStartedAt())
        .isLessThanOrEqualTo(info.getFileResults(0).getStartedAt() + 1_000_000_000L);
    for (var file : info.getFileResultsList()) {
      RecordedMedia.of(file.getLocation()).plays("opus");
    }
  }

  private static String node(FleetStage stage, String egressId) throws InterruptedException {
    return stage.row(stage.controller(0), egressId).path("node").asString("");
  }

  @Test
  void aControllerKilledAmidAHundredStartsLosesNoneAndDoublesNone() throws Exception {
    int count = 100;
    try (FleetStage stage = FleetStage.set(folder, 2, 3, "");
        RustPublisher publisher = stage.publisher("studio", "alice");
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<String> tracks = publisher.publishMany(5);
      CountDownLatch some = new CountDownLatch(count / 4);
      List<Callable<EgressInfo>> starts = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        starts.add(() -> start(stage, tracks.get(number % tracks.size()), number, some));
      }
      List<Future<EgressInfo>> answers = new ArrayList<>();
      for (Callable<EgressInfo> each : starts) {
        answers.add(callers.submit(each));
      }
      some.await();
      stage.controller(0).kill();
      Set<String> ids = new HashSet<>();
      for (Future<EgressInfo> answer : answers) {
        ids.add(answer.get().getEgressId());
      }
      assertThat(ids).as("egresses of %d starts", count).hasSize(count);
      ControllerProcess left = stage.controller(1);
      for (String id : ids) {
        stage.await(left, id, EgressStatus.EGRESS_ACTIVE, Duration.ofSeconds(60));
      }
      Map<String, Integer> recorders = new LinkedHashMap<>();
      stage.server().identities("studio").forEach(name -> recorders.merge(name, 1, Integer::sum));
      assertThat(recorders.values()).allMatch(times -> times == 1);
      assertThat(recorders).hasSize(count + 1); // and the publisher
      for (String id : ids) {
        left.client().stop(id);
      }
      for (String id : ids) {
        stage.await(left, id, EgressStatus.EGRESS_COMPLETE, Duration.ofSeconds(60));
      }
      List<EgressInfo> all =
          left.client().listAll(ListEgressRequest.getDefaultInstance(), 10 * count);
      assertThat(all).extracting(EgressInfo::getEgressId).containsExactlyInAnyOrderElementsOf(ids);
    }
  }

  /** Asks the controller that will die, and the other one when it doesn't answer any more. */
  private static EgressInfo start(
      FleetStage stage, String track, int number, CountDownLatch answered)
      throws InterruptedException {
    var request = stage.request("studio", track, "take" + number);
    String key = "start-" + number;
    Optional<EgressInfo> info = stage.controller(number % 4 == 3 ? 1 : 0).start(request, key);
    answered.countDown();
    return info.or(() -> repeated(stage, request, key))
        .orElseThrow(() -> new AssertionError("the other controller does not answer either"));
  }

  private static Optional<EgressInfo> repeated(
      FleetStage stage, io.spillway.protocol.livekit.TrackEgressRequest request, String key) {
    try {
      return stage.controller(1).start(request, key);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Test
  void aPostgresThatIsRestartedCostsNoRecordingAndStatusesComeAfterwards() throws Exception {
    try (FleetStage stage = FleetStage.set(folder, 2, 2, "");
        RustPublisher publisher = stage.publisher("studio", "alice")) {
      List<String> tracks = publisher.publishMany(2);
      Map<String, String> nodes = begin(stage, tracks, 6);
      stage.postgres().stop();
      Instant away = Instant.now();
      assertThatThrownBy(() ->
              stage.controller(0).client().start(stage.request("studio", tracks.get(0), "none")))
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("could not store egress")
          .hasMessageContaining("nothing was started");
      publisher.leave(); // the recordings end, and nobody can store it
      Stage.letPass(Duration.ofSeconds(15));
      for (ControllerProcess controller : List.of(stage.controller(0), stage.controller(1))) {
        assertThat(controller.metric("spillway_nodes{health=\"healthy\"}")).isEqualTo(2);
        assertThat(controller.metric("spillway_nodes{health=\"gone\"}")).isZero();
      }
      stage.postgres().startAgain();
      Instant back = Instant.now();
      for (ControllerProcess controller : List.of(stage.controller(0), stage.controller(1))) {
        Awaitility.await(controller.url() + " reaches its store again")
            .atMost(PATIENCE)
            .ignoreExceptionsInstanceOf(ApiException.class)
            .until(() ->
                !controller
                    .client()
                    .list(ListEgressRequest.getDefaultInstance())
                    .getItemsList()
                    .isEmpty());
      }
      for (String id : nodes.keySet()) {
        EgressInfo info =
            stage.await(
                stage.controller(1), id, EgressStatus.EGRESS_COMPLETE, Duration.ofSeconds(40));
        assertThat(info.getRetryCount()).isZero();
        assertThat(Instant.ofEpochSecond(0, info.getEndedAt())).isBetween(away, back);
        assertThat(stage.row(stage.controller(0), id).path("node").asString(""))
            .isEqualTo(nodes.get(id));
      }
    }
  }

  @Test
  void aRedisThatIsAwayForTwentySecondsMovesNoRecordingAndEjectsNoNode() throws Exception {
    try (FleetStage stage = FleetStage.set(folder, 2, 3, "");
        RustPublisher publisher = stage.publisher("studio", "alice")) {
      List<String> tracks = publisher.publishMany(2);
      Map<String, String> nodes = begin(stage, tracks, 6);
      stage.redis().stop();
      Stage.letPass(Duration.ofSeconds(20));
      stage.redis().startAgain();
      Awaitility.await("a start is taken again")
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(ApiException.class)
          .until(() ->
              !stage
                  .controller(1)
                  .client()
                  .start(stage.request("studio", tracks.get(0), "after"))
                  .getEgressId()
                  .isEmpty());
      Stage.letPass(Duration.ofSeconds(12)); // the grace of those that were blind, and more
      stage.awaitHealthy(3);
      for (String id : nodes.keySet()) {
        JsonNode row = stage.row(stage.controller(0), id);
        assertThat(row.path("epoch").asInt()).isEqualTo(1);
        assertThat(row.path("node").asString("")).isEqualTo(nodes.get(id));
        assertThat(row.path("status").asString("")).isEqualTo("EGRESS_ACTIVE");
        stage.controller(1).client().stop(id);
      }
      for (String id : nodes.keySet()) {
        EgressInfo info =
            stage.await(stage.controller(0), id, EgressStatus.EGRESS_COMPLETE, PATIENCE);
        RecordedMedia.of(info.getFileResults(0).getLocation())
            .plays("opus")
            .lasts(Duration.ofNanos(info.getFileResults(0).getDuration()), Duration.ofMillis(500));
        assertThat(Duration.ofNanos(info.getFileResults(0).getDuration()))
            .isGreaterThan(Duration.ofSeconds(30));
      }
      assertThat(
              stage
                  .controller(0)
                  .client()
                  .listAll(ListEgressRequest.newBuilder().build(), 100)
                  .stream()
                  .filter(info -> info.getStatus() == EgressStatus.EGRESS_ABORTED))
          .isEmpty();
    }
  }

  @Test
  void whereItIsSaidSoWhatALostNodeHadEndsAsFailed() throws Exception {
    try (FleetStage stage = FleetStage.set(folder, 1, 2, "on_node_loss: end\n");
        RustPublisher publisher = stage.publisher("studio", "alice")) {
      String id = begin(stage, List.of(publisher.publishAudio()), 1).keySet().iterator().next();
      stage.node(node(stage, id)).kill();
      EgressInfo info =
          stage.await(stage.controller(0), id, EgressStatus.EGRESS_FAILED, GOES_ON_WITHIN);
      assertThat(info.getError()).contains("node lost");
      assertThat(info.getErrorCode()).isEqualTo(503);
    }
  }

  @Test
  void aSignalMakesAControllerTakeNewKeysAndNameWhatWaitsForARestart() throws Exception {
    ApiKey added = new ApiKey("added", "another secret for tests, long enough");
    try (FleetStage stage = FleetStage.set(folder, 1, 0, "");
        SystemTime time = new SystemTime();
        EgressClient holder =
            new EgressClient(
                URI.create(stage.controller(0).url() + "/"),
                () -> new TokenSigner(added, time).recordRooms(Duration.ofMinutes(5)))) {
      ListEgressRequest question = ListEgressRequest.getDefaultInstance();
      assertThatThrownBy(() -> holder.list(question)).isInstanceOf(ApiException.class);
      ControllerProcess controller = stage.controller(0);
      Files.writeString(
          controller.config(),
          Files.readString(controller.config())
              + "keys: {added: '%s'}\nregion: eu\n".formatted(added.secret()));
      controller.signal("HUP");
      Awaitility.await("the new key is taken")
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(ApiException.class)
          .until(() -> holder.list(question).getItemsCount() == 0);
      assertThat(controller.client().list(question).getItemsCount()).isZero();
      assertThat(controller.logTail())
          .contains("these keys have changed and wait for a restart waiting=[region]");
      assertThat(controller.logTail()).doesNotContain(added.secret());
    }
  }

  /** Starts egresses through both controllers; which node has which. */
  private static Map<String, String> begin(FleetStage stage, List<String> tracks, int count)
      throws InterruptedException {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ControllerProcess at = stage.controller(i % stage.controllers());
      String track = tracks.get(i % tracks.size());
      ids.add(at.client().start(stage.request("studio", track, "take" + i)).getEgressId());
    }
    Map<String, String> nodes = new LinkedHashMap<>();
    for (String id : ids) {
      stage.await(stage.controller(0), id, EgressStatus.EGRESS_ACTIVE, PATIENCE);
      nodes.put(id, node(stage, id));
    }
    return nodes;
  }
}
