package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.SpillwayCommand;
import io.spillway.interop.fixture.SpillwayCommand.Ended;
import io.spillway.interop.fixture.Stage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Our own commands as a user types them, against a running {@code spillway up}. */
class CommandLineTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir static Path folder;
  private static Stage stage;
  private static Map<String, String> environment = Map.of();

  @BeforeAll
  static void open() {
    stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT);
    environment =
        Map.of(
            "SPILLWAY_URL", stage.spillway().url(),
            "LIVEKIT_URL", stage.server().url(),
            "LIVEKIT_API_KEY", LiveKitServer.KEY.key(),
            "LIVEKIT_API_SECRET", LiveKitServer.KEY.secret());
  }

  @AfterAll
  static void close() {
    stage.close();
  }

  private static Ended run(String... arguments) throws Exception {
    return SpillwayCommand.run(folder, environment, arguments);
  }

  private static JsonNode json(Ended ended) {
    assertThat(ended.code()).as("%s", ended).isZero();
    return JSON.readTree(ended.out());
  }

  @Test
  void aRecordingIsStartedListedWatchedAndStopped() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("cli", "rust")) {
      String track = publisher.publishAudio();
      JsonNode started =
          json(run("start", "track", "--room", "cli", track, "--file", "r/cli", "--json"));
      String id = started.path("egress_id").asString("");
      assertThat(id).startsWith("EG_");
      assertThat(started.path("status").asString("")).isEqualTo("EGRESS_STARTING");

      try (SpillwayCommand watch =
          SpillwayCommand.start("watch", folder, environment, "watch", id)) {
        watch.awaitLine("active", PATIENCE);
        JsonNode listed = json(run("list", "--active", "--room", "cli", "--json"));
        assertThat(listed.path("items")).hasSize(1);
        assertThat(listed.path("items").path(0).path("egress_id").asString("")).isEqualTo(id);
        assertThat(run("list").out()).contains("EGRESS").contains(id).contains("active");

        Ended stopped = run("stop", id, "--wait");
        assertThat(stopped.code()).as("%s", stopped).isZero();
        assertThat(watch.exitCode(PATIENCE)).isZero();
      }
      JsonNode shown = json(run("show", id, "--json"));
      assertThat(shown.path("status").asString("")).isEqualTo("EGRESS_COMPLETE");
      assertThat(shown.path("file_results").path(0).path("location").asString(""))
          .isEqualTo(folder.resolve("r/cli.ogg").toString());
      assertThat(run("show", id).out()).contains("complete").contains("r/cli.ogg");

      Ended again = run("stop", id);
      assertThat(again.code()).isEqualTo(4);
      assertThat(again.err()).contains("failed_precondition").contains("EGRESS_COMPLETE");
    }
  }

  @Test
  void whatEndsBadlyHasAnExitCodeThatSaysSo() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("bad", "rust")) {
      String id = stage.begin("bad", publisher.publishAudio());
      try (SpillwayCommand watch =
          SpillwayCommand.start("watch-bad", folder, environment, "watch", id)) {
        watch.awaitLine("active", PATIENCE);
        stage.server().removeParticipant("bad", id);
        assertThat(watch.exitCode(PATIENCE)).isEqualTo(1);
      }
    }
    Ended nowhere = run("start", "track", "--room", "nowhere", "TR_x");
    assertThat(nowhere.code()).isEqualTo(4);
    assertThat(nowhere.err()).contains("not_found: requested room does not exist");
    assertThat(run("show", "EG_unknown").code()).isEqualTo(4);
    assertThat(run("start", "track", "TR_x").code()).isEqualTo(2); // no --room
    assertThat(run("list", "--url", "http://127.0.0.1:1").code()).isEqualTo(3);
  }

  @Test
  void theDoctorJudgesTheServerItIsGiven() throws Exception {
    Ended well = run("doctor", "--data", folder.resolve("doctor").toString());
    assertThat(well.code()).as("%s", well).isZero();
    assertThat(well.out()).contains("open files").contains("UDP buffers").contains("UDP ports");

    Ended ill = run("doctor", "--livekit-url", "ws://127.0.0.1:1");
    assertThat(ill.code()).as("%s", ill).isEqualTo(1);
    assertThat(ill.out()).contains("LiveKit server");
  }
}
