package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.app.client.ApiException;
import io.spillway.app.client.EgressText;
import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.NodeProcess;
import io.spillway.interop.fixture.NodeStage;
import io.spillway.interop.fixture.PythonClient;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RedisCaller;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.SpillwayCommand;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code spillway node} in the place of livekit/egress: everything through livekit-server. */
class NodeTest {
  private static final Duration RECORDED = Duration.ofSeconds(3);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  void aTrackIsStartedListedAndStoppedThroughLiveKitsApi(String version) throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      stage.node();
      try (RustPublisher publisher = stage.publisher("room", "rust")) {
        String track = publisher.publishAudio();
        Path file = stage.recordings().resolve("{track_id}");
        PythonClient.Seen seen =
            PythonClient.record(
                stage.server().httpUrl(),
                stage.folder(),
                version,
                "audio",
                "room",
                track,
                file,
                (int) RECORDED.toSeconds());

        String id = seen.started().path("egress_id").asString("");
        assertThat(id).startsWith("EG_");
        assertThat(seen.started().path("status").asString("EGRESS_STARTING"))
            .isEqualTo("EGRESS_STARTING");
        assertThat(seen.stopped().path("status").asString("")).isEqualTo("EGRESS_ENDING");
        assertThat(seen.ended().path("status").asString("")).isEqualTo("EGRESS_COMPLETE");
        String location = seen.ended().path("file_results").path(0).path("location").asString("");
        RecordedMedia.of(location).plays("opus").hasTone(RustPublisher.TONE_HZ);
        assertThat(stage.webhooks().awaitEnd(id))
            .containsExactly(
                "egress_started EGRESS_STARTING",
                "egress_updated EGRESS_ACTIVE",
                "egress_updated EGRESS_ENDING",
                "egress_ended EGRESS_COMPLETE");
        assertThat(stage.webhooks().faults()).isEmpty();
      }
    }
  }

  @Test
  void theStoredStatusOnlyGoesForward() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      stage.node();
      try (RustPublisher publisher = stage.publisher("room", "rust")) {
        String track = publisher.publishAudio();
        for (int i = 0; i < 5; i++) {
          List<EgressStatus> seen = new ArrayList<>();
          EgressInfo asked = stage.ask("room", track);
          seen.add(stage.stored(asked.getEgressId()).getStatus());
          boolean stopped = false;
          while (!EgressText.isFinal(seen.getLast())) {
            EgressStatus now = stage.stored(asked.getEgressId()).getStatus();
            if (now != seen.getLast()) {
              seen.add(now);
            }
            if (now == EgressStatus.EGRESS_ACTIVE && !stopped) {
              Stage.letPass(Duration.ofMillis(300));
              stage.client().stop(asked.getEgressId());
              stopped = true;
            }
          }
          assertThat(seen).isSorted().last().isEqualTo(EgressStatus.EGRESS_COMPLETE);
        }
      }
    }
  }

  @Test
  void aRoomMadeWithAutoTrackEgressIsRecordedTrackByTrack() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      stage.node();
      String sid =
          PythonClient.autoRoom(
              stage.server().httpUrl(), stage.folder(), "auto", stage.recordings() + "/auto");
      assertThat(sid).startsWith("RM_");
      try (RustPublisher publisher = stage.publisher("auto", "rust")) {
        String audio = publisher.publishAudio();
        String video = publisher.publishVideo("vp8", 320, 180);
        Awaitility.await("both tracks are recorded")
            .atMost(Duration.ofSeconds(15))
            .until(() -> stage.webhooks().egresses().size() == 2);
        List<String> ids = stage.webhooks().egresses();
        for (String id : ids) {
          stage.await(id, EgressStatus.EGRESS_ACTIVE);
        }
        Stage.letPass(RECORDED);
        publisher.leave();
        List<String> names = new ArrayList<>();
        for (String id : ids) {
          EgressInfo info = stage.awaitEnd(id, Duration.ofSeconds(20));
          assertThat(info.getStatus()).as("%s", info).isEqualTo(EgressStatus.EGRESS_COMPLETE);
          String location = info.getFileResults(0).getLocation();
          RecordedMedia media = RecordedMedia.of(location);
          media.plays(media.codec());
          names.add(location);
        }
        assertThat(String.join(" ", names)).contains(audio, video);
      }
    }
  }

  @Test
  void whatItCantDoIsRefusedWithTheReason() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      NodeProcess node = stage.node();
      try (RustPublisher publisher = stage.publisher("room", "rust")) {
        String track = publisher.publishAudio();
        Instant asked = Instant.now();
        NodeStage.Answer composite = stage.askComposite("room");
        // the last resort's wait of 500 ms, and no repeated request (after 10 s without an answer)
        assertThat(Duration.between(asked, Instant.now()))
            .isBetween(Duration.ofMillis(400), Duration.ofSeconds(9));
        assertThat(composite.code()).isEqualTo("unimplemented");
        assertThat(composite.text()).contains("RoomComposite egress is not implemented");

        String id = stage.ask("room", track).getEgressId();
        stage.await(id, EgressStatus.EGRESS_ACTIVE);
        NodeStage.Answer stream = stage.addStream(id);
        assertThat(stream.code()).isEqualTo("invalid_argument");
        assertThat(stream.text()).contains("non-streaming egress");
        assertThat(stage.client().stop(id).getStatus()).isEqualTo(EgressStatus.EGRESS_ENDING);
        stage.await(id, EgressStatus.EGRESS_COMPLETE);
        assertThat(node.metric("livekit_egress_handler_results_total")).isEqualTo(1);
        theMetricsTell(node);
        theProofLeavesNoComplaint(stage.server());
      }
    }
  }

  @Test
  void theDoctorTellsWhoAnswersOnItsRedisAndComparesTheirClocks() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      stage.node();
      SpillwayCommand.Ended found =
          SpillwayCommand.run(
              folder,
              LiveKitServer.keyVariables(),
              "doctor",
              "--redis",
              stage.redis().address(),
              "--livekit-url",
              stage.server().url());
      assertThat(found.code()).as("%s", found).isZero();
      assertThat(found.out())
          .containsPattern("statuses +ok +somebody on this Redis keeps them")
          .containsPattern("nodes +ok +1 answer, with 0 recordings")
          .containsPattern("clocks on Redis +ok +2 compared, within 2 s of ours");
    }
  }

  /** LiveKit's names are read by its dashboards, ours are promised in docs/configuration.md. */
  private static void theMetricsTell(NodeProcess node) throws Exception {
    assertThat(node.metrics().lines().filter(line -> !line.startsWith("#")))
        .anyMatch(line -> line.startsWith("spillway_start_seconds_count{stage=\"accepted\"} 1"))
        .anyMatch(line -> line.startsWith("spillway_start_seconds_count{stage=\"answered\"} 1"))
        .anyMatch(line -> line.startsWith("spillway_start_seconds_count{stage=\"active\"} 1"))
        .anyMatch(line -> line.startsWith("spillway_rpc_dropped_total{reason=\"late\"}"))
        .anyMatch(line -> line.startsWith("spillway_rpc_dropped_total{reason=\"unknown\"}"))
        .anyMatch(line -> line.startsWith("spillway_rpc_dropped_total{reason=\"malformed\"}"))
        .anyMatch(line -> line.matches(psrpc("request_time_ms_count", "client", "UpdateEgress")))
        .anyMatch(line -> line.matches(psrpc("request_time_ms_count", "server", "StartEgress")))
        .anyMatch(line -> line.matches(psrpc("error_total", "server", "UpdateStream")))
        .anyMatch(line -> line.matches(psrpc("bytes_total", "server", "StopEgress")))
        .anyMatch(line -> line.matches(psrpc("requests_received_total", "", "StartEgress")))
        .anyMatch(line -> line.matches(psrpc("requests_expired_total", "", "StartEgress")))
        .anyMatch(line -> line.matches(psrpc("claim_wait_time_ms_count", "", "StartEgress")))
        .anyMatch(line -> line.startsWith("spillway_status_oldest_age_seconds{"))
        .anyMatch(line -> line.startsWith("spillway_journal_depth{"))
        .anyMatch(line -> line.startsWith("spillway_journal_failing{"))
        .anyMatch(line -> line.startsWith("livekit_egress_available{"))
        .anyMatch(line -> line.startsWith("livekit_egress_can_accept_request{"))
        .anyMatch(line -> line.startsWith("livekit_egress_is_disabled{"))
        .anyMatch(line -> line.startsWith("livekit_egress_is_terminating{"))
        .anyMatch(line -> line.startsWith("livekit_egress_proc_rss_bytes{"))
        .anyMatch(line -> line.startsWith("livekit_egress_cgroup_read_success{"))
        .anyMatch(line -> line.startsWith("livekit_egress_would_reject_cgroup{"))
        .anyMatch(line -> line.matches("livekit_egress_requests\\{.*type=\"track\"} 0.0"))
        .anyMatch(line -> line.matches("livekit_node_cpu_load\\{.*node_type=\"EGRESS\"} .*"))
        .anyMatch(line -> line.matches("livekit_load_ratio\\{.*type=\"cpu\"} .*"));
  }

  /** A sample of livekit/protocol's, with its labels in the order of their names. */
  private static String psrpc(String name, String role, String method) {
    return "livekit_psrpc_%s\\{.*method=\"%s\".*node_id=\"NE_.*node_type=\"EGRESS\".*%s.*} .*"
        .formatted(name, method, role.isEmpty() ? "" : "role=\"" + role + "\"");
  }

  /** The node proved its bus every two seconds meanwhile. */
  private static void theProofLeavesNoComplaint(LiveKitServer server) {
    assertThat(server.logAt("INFO")).as("the whole log is read").isNotEmpty();
    assertThat(server.logAt("WARN", "ERROR"))
        .noneMatch(line -> line.toLowerCase(Locale.ROOT).matches(".*list ?egress.*"))
        .noneMatch(line -> line.contains("proves its bus"));
  }

  /** sent_at is 30 s old when it is sent: what counts is how long the caller waits from then. */
  @Test
  void aPeerWhoseClockIsOffIsServedAllTheSameAndNamedOnReadyz() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      NodeProcess node = stage.node();
      assertThat(node.health("/readyz").body()).contains("clocks: no peer is more than 2 s off");
      try (RedisCaller late = new RedisCaller(stage, Duration.ofSeconds(30))) {
        assertThat(late.refusedComposite().code()).isEqualTo(RpcCode.UNIMPLEMENTED);
        assertThat(node.health("/readyz").body())
            .contains("clocks: the clock of " + late.clientId() + " is 3")
            .contains(" ms behind ours");
        assertThat(node.health("/readyz").statusCode()).isEqualTo(200);
        assertThat(node.metric("spillway_rpc_clock_skew_seconds")).isGreaterThanOrEqualTo(30);
      }
    }
  }

  @Test
  void statusesAreOutThoughTheJournalsDiskRefusesThemAndTheMetricsTell() throws Exception {
    // the journal is written by way of this name: no file can be put there, by root neither
    Path inTheWay = folder.resolve("node0/data/.status.journal.tmp/x");
    Files.createDirectories(inTheWay);
    try (NodeStage stage = NodeStage.set(folder)) {
      NodeProcess node = stage.node();
      try (RustPublisher publisher = stage.publisher("room", "rust")) {
        String id = stage.ask("room", publisher.publishAudio()).getEgressId();
        stage.await(id, EgressStatus.EGRESS_ACTIVE);
        assertThat(node.metric("spillway_journal_failing")).isEqualTo(1);
        assertThat(node.metric("spillway_journal_memory_only_total"))
            .isGreaterThanOrEqualTo(2); // STARTING, ACTIVE
        assertThat(node.health("/readyz").body())
            .contains("status journal: the disk does not take it");
        stage.client().stop(id);
        stage.await(id, EgressStatus.EGRESS_COMPLETE);

        Files.delete(inTheWay);
        Files.delete(inTheWay.getParent());
        Awaitility.await("the disk takes it again")
            .atMost(Duration.ofSeconds(20))
            .until(() -> node.metric("spillway_journal_failing") == 0);
        assertThat(node.metric("spillway_journal_syncs_total")).isPositive();
      }
    }
  }

  @Test
  void aFullNodeSaysWhatIsFull() throws Exception {
    try (NodeStage stage = NodeStage.set(folder)) {
      NodeProcess full =
          stage.unreadyNode(
              "cpu_cost:\n  max_memory: 0.01\n  max_memroy: 1\nenable_chrome: true\n");
      assertThat(full.logTail()).contains("cpu_cost.max_memroy", "enable_chrome");
      try (RustPublisher publisher = stage.publisher("room", "rust")) {
        String track = publisher.publishAudio();
        assertThat(full.health("/readyz").statusCode()).isEqualTo(503);
        assertThat(full.health("/readyz").body()).contains("not ready: not enough memory");
        assertThat(full.metric("livekit_egress_can_accept_request")).isZero();
        Instant asked = Instant.now();
        assertThatThrownBy(() -> stage.ask("room", track))
            .isInstanceOfSatisfying(
                ApiException.class,
                refused -> assertThat(refused.code()).isEqualTo("resource_exhausted"))
            .hasMessageContaining("not enough memory");
        // livekit-server asks three times (docs/decisions/0005): 0.5 s each, 1-2 s and 2-4 s
        // between
        assertThat(Duration.between(asked, Instant.now()))
            .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(10));
      }
    }
  }
}
