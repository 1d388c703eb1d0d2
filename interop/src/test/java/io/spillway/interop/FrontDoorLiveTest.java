package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.config.ControllerConfig;
import io.spillway.app.config.ControllerFile;
import io.spillway.app.controller.ControlHalf;
import io.spillway.app.process.MetricsText;
import io.spillway.app.process.Shared;
import io.spillway.controller.ControllerSettings;
import io.spillway.controller.frontdoor.DoorBus;
import io.spillway.controller.repair.Supervisor;
import io.spillway.controller.status.ProgressSource;
import io.spillway.core.time.SystemTime;
import io.spillway.interop.fixture.ControllerProcess;
import io.spillway.interop.fixture.FrontDoorStage;
import io.spillway.interop.fixture.GoNode;
import io.spillway.interop.fixture.LateFirstAnswer;
import io.spillway.interop.fixture.NodeProcess;
import io.spillway.interop.fixture.NodeStage;
import io.spillway.interop.fixture.PythonClient;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.SpillwayCommand;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.store.sql.EgressStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Controllers as the one egress node of a real livekit-server, nodes behind them. */
class FrontDoorLiveTest {
  private static final List<String> ONE_OF_EACH =
      List.of(
          "egress_started EGRESS_STARTING",
          "egress_updated EGRESS_ACTIVE",
          "egress_updated EGRESS_ENDING",
          "egress_ended EGRESS_COMPLETE");

  @TempDir Path folder;

  @Test
  void aControllerKilledAmidStartsCostsNoRecordingAndNoWebhookAndDoublesNone() throws Exception {
    try (FrontDoorStage stage = FrontDoorStage.set(folder);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      ControllerProcess dying = stage.controller();
      stage.controller();
      stage.nodes(2);
      NodeStage livekit = stage.livekit();
      var _ =
          PythonClient.autoRoom(
              livekit.server().httpUrl(), folder, "auto", livekit.recordings() + "/auto");
      try (RustPublisher publisher = livekit.publisher("auto", "rust");
          RustPublisher other = livekit.publisher("room", "other")) {
        String track = other.publishAudio();
        var _ = publisher.publishAudio();
        Awaitility.await("the first track is recorded")
            .atMost(Duration.ofSeconds(15))
            .until(() -> livekit.webhooks().egresses().size() == 1);
        List<Future<EgressInfo>> asked = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          asked.add(callers.submit(() -> livekit.ask("room", track)));
        }
        Future<PythonClient.Seen> python =
            callers.submit(() ->
                PythonClient.record(
                    livekit.server().httpUrl(),
                    folder,
                    "v1",
                    "audio",
                    "room",
                    track,
                    livekit.recordings().resolve("python-{track_id}"),
                    4));
        var _ = publisher.publishVideo("vp8", 320, 180);
        dying.kill();

        List<String> ids = new ArrayList<>();
        for (Future<EgressInfo> answer : asked) {
          ids.add(answer.get().getEgressId());
        }
        String byPython = python.get().ended().path("egress_id").asString("");
        assertThat(python.get().ended().path("status").asString("")).isEqualTo("EGRESS_COMPLETE");
        Awaitility.await("both tracks of the room are recorded")
            .atMost(Duration.ofSeconds(30))
            .until(() -> livekit.webhooks().egresses().size() == 2 + 8 + 1);
        List<String> running = new ArrayList<>(livekit.webhooks().egresses());
        running.remove(byPython);
        assertThat(running).containsAll(ids);
        for (String id : running) {
          livekit.await(id, EgressStatus.EGRESS_ACTIVE);
        }
        Stage.letPass(Duration.ofSeconds(2));
        for (String id : ids) {
          assertThat(livekit.client().stop(id).getStatus()).isEqualTo(EgressStatus.EGRESS_ENDING);
        }
        publisher.leave();
        for (String id : running) {
          EgressInfo info = livekit.awaitEnd(id, Duration.ofSeconds(30));
          assertThat(info.getStatus()).as("%s%s", info, stage.logs()).isEqualTo(complete());
          RecordedMedia media = RecordedMedia.of(info.getFileResults(0).getLocation());
          media.plays(media.codec());
        }
        List<String> all = new ArrayList<>(running);
        all.add(byPython);
        for (String id : all) {
          assertThat(livekit.webhooks().awaitEnd(id)).as(id).containsExactlyElementsOf(ONE_OF_EACH);
        }
        assertThat(livekit.webhooks().egresses()).hasSize(all.size());
        assertThat(recorded(livekit.recordings())).hasSize(all.size());
        assertThat(livekit.webhooks().faults()).isEmpty();
      }
    }
  }

  private static EgressStatus complete() {
    return EgressStatus.EGRESS_COMPLETE;
  }

  private static List<Path> recorded(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith(".json")) // manifests
          .toList();
    }
  }

  @Test
  void aStartThatLiveKitAsksForAgainWithTheSameIdMakesOneRecording() throws Exception {
    try (FrontDoorStage stage = FrontDoorStage.set(folder);
        SystemTime time = new SystemTime();
        LateFirstAnswer.Count count = new LateFirstAnswer.Count();
        InProcess one = new InProcess(stage, "one", time, count);
        InProcess two = new InProcess(stage, "two", time, count)) {
      NodeProcess node =
          stage.node(List.of(one.half.address().toString(), two.half.address().toString()));
      Awaitility.await("both controllers trust the node")
          .atMost(Duration.ofSeconds(40))
          .until(() -> one.trusts(1) && two.trusts(1));
      NodeStage livekit = stage.livekit();
      try (RustPublisher publisher = livekit.publisher("room", "rust")) {
        String id = livekit.ask("room", publisher.publishAudio()).getEgressId();
        assertThat(count.answers()).as("answers to StartEgress").isEqualTo(2);
        livekit.await(id, EgressStatus.EGRESS_ACTIVE);
        assertThat(node.metric("livekit_egress_requests")).isEqualTo(1);
        assertThat(recorded(livekit.recordings())).hasSize(1);
        livekit.client().stop(id);
        livekit.await(id, EgressStatus.EGRESS_COMPLETE);
        assertThat(livekit.webhooks().awaitEnd(id)).containsExactlyElementsOf(ONE_OF_EACH);
        assertThat(livekit.webhooks().egresses()).containsExactly(id);
      }
    }
  }

  /** A controller in this process whose first answer to livekit-server may come late. */
  private static final class InProcess implements AutoCloseable {
    private final RpcMetrics rpc = new RpcMetrics();
    private final MetricsText metrics = new MetricsText();
    private final RedisBus fleet;
    private final RedisBus door;
    private final ControlHalf half;

    InProcess(FrontDoorStage stage, String name, SystemTime time, LateFirstAnswer.Count count)
        throws InterruptedException {
      String yaml =
          stage.controllerYaml()
              + "port: 0\ndata: %s\n".formatted(stage.livekit().folder().resolve(name));
      ControllerConfig config = ControllerFile.read(name, yaml, Map.of(), Map.of()).config();
      SecureRandom random = new SecureRandom();
      fleet = new RedisBus(config.redis(), BusLimits.defaults(), time, random, rpc);
      door =
          new RedisBus(
              config.frontDoor().orElseThrow().redis(), BusLimits.defaults(), time, random, rpc);
      half =
          new ControlHalf(
              config.common(),
              new ControlHalf.Setting(
                  router -> EgressStores.postgres(config.database().orElseThrow(), time, router),
                  config.secrets(),
                  ControllerSettings.Fleet.usual(),
                  ProgressSource.none(),
                  "test",
                  Supervisor.none(),
                  Optional.of(
                      new ControlHalf.FrontDoor(
                          new DoorBus(new LateFirstAnswer(door, time, count), "test"), false))),
              new Shared<>(fleet, rpc, metrics, time, random));
      assertThat(fleet.awaitConnected(Duration.ofSeconds(5))).isTrue();
      assertThat(door.awaitConnected(Duration.ofSeconds(5))).isTrue();
      half.controller().start();
    }

    boolean trusts(int nodes) {
      return metrics.text().contains("spillway_nodes{health=\"healthy\"} " + nodes);
    }

    @Override
    public void close() {
      half.close();
      door.close();
      fleet.close();
    }
  }

  @Test
  void whatHappensWhileLiveKitsRedisIsAwayIsToldAfterwardsAndTheDoorServesAgain() throws Exception {
    try (FrontDoorStage stage = FrontDoorStage.set(folder)) {
      ControllerProcess controller = stage.controller();
      stage.nodes(1);
      NodeStage livekit = stage.livekit();
      try (RustPublisher publisher = livekit.publisher("room", "rust")) {
        String track = publisher.publishAudio();
        String id = livekit.ask("room", track).getEgressId();
        livekit.await(id, EgressStatus.EGRESS_ACTIVE);
        livekit.redis().stop();
        controller.client().stop(id); // by our own API
        Awaitility.await("its end is stored")
            .atMost(Duration.ofSeconds(20))
            .until(() -> controller.client().find(id).orElseThrow().getStatus() == complete());
        Stage.letPass(Duration.ofSeconds(15));
        livekit.redis().startAgain();
        Instant back = Instant.now();
        EgressInfo told = livekit.awaitEnd(id, Duration.ofSeconds(30));
        System.err.println(
            "livekit-server was told of an end %d ms after its Redis came back"
                .formatted(Duration.between(back, Instant.now()).toMillis()));
        assertThat(told.getStatus()).isEqualTo(complete());
        assertThat(livekit.webhooks().awaitEnd(id)).containsExactlyElementsOf(ONE_OF_EACH);
      }
      try (RustPublisher publisher = livekit.publisher("later", "rust")) {
        String again = livekit.ask("later", publisher.publishAudio()).getEgressId();
        livekit.await(again, EgressStatus.EGRESS_ACTIVE);
        assertThat(livekit.client().stop(again).getStatus()).isEqualTo(EgressStatus.EGRESS_ENDING);
        livekit.await(again, complete());
      }
    }
  }

  @Test
  void aNodeThatServesLiveKitByItselfKeepsAControllerFromStartingAndIsNamed() throws Exception {
    try (FrontDoorStage stage = FrontDoorStage.set(folder)) {
      NodeProcess stranger = stage.livekit().node();
      SpillwayCommand.Ended ended = run(stage);
      assertThat(ended.code()).isNotZero();
      assertThat(ended.out()).doesNotContain("ready");
      assertThat(ended.err())
          .contains(
              "could not start: the front door at " + stage.livekit().redis().address(),
              stranger.id() + " takes livekit-server's egress requests there");
      assertThat(stranger.isAlive()).isTrue();
      assertThat(stranger.metric("livekit_egress_requests")).isZero();
    }
  }

  @Test
  void aGoNodeIsFoundByAQuestionThatItNeverStarts() throws Exception {
    try (FrontDoorStage stage = FrontDoorStage.set(folder);
        GoNode stranger = GoNode.start(folder, stage.livekit().redis().address(), "0.5");
        RustPublisher publisher = stage.livekit().publisher("room", "rust")) {
      assertThat(run(stage).err()).contains("takes livekit-server's egress requests there");
      // The first that it starts is what livekit-server gives it.
      String id = stage.livekit().ask("room", publisher.publishAudio()).getEgressId();
      assertThat(stranger.nextStarted()).isEqualTo(id);
    }
  }

  private SpillwayCommand.Ended run(FrontDoorStage stage) throws IOException, InterruptedException {
    Path config = folder.resolve("refused.yaml");
    Files.writeString(
        config, stage.controllerYaml() + "port: 0\ndata: " + folder.resolve("refused") + "\n");
    return SpillwayCommand.run(folder, Map.of(), "controller", "--config", config.toString());
  }
}
