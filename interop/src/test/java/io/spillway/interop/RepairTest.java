package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.spillway.interop.fixture.Browser;
import io.spillway.interop.fixture.ControllerProcess;
import io.spillway.interop.fixture.FleetStage;
import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.NodeProcess;
import io.spillway.interop.fixture.Programs;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A controller that starts and ends nodes as processes, and a node that stands still. */
class RepairTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration MENDED_WITHIN = Duration.ofSeconds(60);

  @TempDir Path folder;

  /** Nodes that the controller started outlive it: each has this test's folder in its words. */
  @AfterEach
  void endNodes() {
    List<ProcessHandle> ours =
        ProcessHandle.allProcesses().filter(process -> words(process).contains(yaml())).toList();
    ours.forEach(ProcessHandle::destroyForcibly);
    ours.forEach(process -> process.onExit().join());
  }

  /** All of them: the JDK leaves a long command line out after its first page. */
  private static String words(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
    } catch (IOException gone) {
      return "";
    }
  }

  private String yaml() {
    return folder.resolve("repair.yaml").toString();
  }

  private String supervisor() {
    List<String> command = Programs.spillway("node", "--config", yaml(), "--data", "{data}");
    return "supervisor:\n  local:\n    command:\n"
        + command.stream().map(word -> "      - '" + word + "'\n").collect(Collectors.joining());
  }

  private void writeNodeYaml(FleetStage stage) throws IOException {
    Files.writeString(
        Path.of(yaml()),
        """
        redis: {address: '%s'}
        ws_url: %s
        api_key: %s
        api_secret: "%s"
        controller_urls: [%s]
        cpu_cost: {max_cpu_utilization: 1}
        """
            .formatted(
                stage.redis().address(),
                stage.server().url(),
                LiveKitServer.KEY.key(),
                LiveKitServer.KEY.secret(),
                stage.controller(0).url()));
  }

  @Test
  void aNodeThatStandsStillIsEndedAndItsFolderTakenUpAndTheOthersRecordOn() throws Exception {
    try (FleetStage stage = FleetStage.set(folder, 1, 2, supervisor());
        RustPublisher publisher = stage.publisher("studio", "alice")) {
      writeNodeYaml(stage);
      ControllerProcess controller = stage.controller(0);
      String track = publisher.publishAudio();
      Map<String, String> nodes = new LinkedHashMap<>();
      for (int i = 0; i < 6; i++) {
        String id =
            controller.client().start(stage.request("studio", track, "take" + i)).getEgressId();
        stage.await(controller, id, EgressStatus.EGRESS_ACTIVE, PATIENCE);
        nodes.put(id, stage.row(controller, id).path("node").asString(""));
      }
      assertThat(nodes.values().stream().distinct()).as("both nodes record").hasSize(2);
      String still = nodes.values().iterator().next();

      Instant stopped = Instant.now();
      stage.node(still).signal("STOP");
      Awaitility.await("it is ended")
          .atMost(MENDED_WITHIN)
          .until(() -> controller.metric("spillway_repair_steps_total{step=\"kill\"}") == 1);
      assertThat(stage.node(still).isAlive()).isFalse();
      stage.awaitHealthy(2);
      Duration mended = Duration.between(stopped, Instant.now());
      System.err.println("mended after " + mended.toMillis() + " ms");
      assertThat(mended).isLessThan(MENDED_WITHIN);

      Stage.letPass(Duration.ofSeconds(2));
      for (Map.Entry<String, String> each : nodes.entrySet()) {
        JsonNode row = stage.row(controller, each.getKey());
        assertThat(row.path("status").asString("")).isEqualTo("EGRESS_ACTIVE");
        if (!each.getValue().equals(still)) {
          assertThat(row.path("epoch").asInt()).as("untouched by the repair").isEqualTo(1);
          assertThat(row.path("node").asString("")).isEqualTo(each.getValue());
        }
      }
      for (String id : nodes.keySet()) {
        controller.client().stop(id);
      }
      for (Map.Entry<String, String> each : nodes.entrySet()) {
        EgressInfo info =
            stage.await(controller, each.getKey(), EgressStatus.EGRESS_COMPLETE, PATIENCE);
        assertThat(info.getFileResultsCount()).isPositive();
        for (int i = 0; i < info.getFileResultsCount(); i++) {
          RecordedMedia.of(info.getFileResults(i).getLocation()).plays("opus");
        }
      }
    }
  }

  @Test
  void aPersonReplacesANodeOnTheDashboardAndItsRecordingsRunToTheirEnd() throws Exception {
    String token = "a token to act with, long enough";
    String yaml = supervisor() + "dashboard: {admin_token: '" + token + "'}\n";
    try (FleetStage stage = FleetStage.set(folder, 1, 1, yaml);
        RustPublisher publisher = stage.publisher("studio", "alice");
        Browser browser = new Browser();
        Page page = browser.window(1280, 900, ColorScheme.LIGHT)) {
      writeNodeYaml(stage);
      ControllerProcess controller = stage.controller(0);
      var request = stage.request("studio", publisher.publishAudio(), "take");
      String id = controller.client().start(request).getEgressId();
      stage.await(controller, id, EgressStatus.EGRESS_ACTIVE, PATIENCE);
      NodeProcess old = stage.nodes().getFirst();

      page.navigate(controller.url() + "/dashboard/#/nodes");
      page.getByLabel("Token", new Page.GetByLabelOptions().setExact(true)).fill(token);
      button(page, "Sign in").click();
      page.getByRole(AriaRole.NAVIGATION, new Page.GetByRoleOptions().setName("Pages"))
          .getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName("Nodes"))
          .click();
      button(page, "Replace " + old.id()).click();
      button(page, "Replace " + old.id() + " for good?").click();
      page.locator(".repairs li").getByText("replace asked: by hand, on the dashboard").waitFor();
      Awaitility.await("another node is there, and the old one drains")
          .atMost(MENDED_WITHIN)
          .until(() ->
              page.locator(".node").count() == 2
                  && old.health("/readyz").body().contains("draining"));
      String second = controller.client().start(request).getEgressId();
      stage.await(controller, second, EgressStatus.EGRESS_ACTIVE, PATIENCE);
      assertThat(stage.row(controller, second).path("node").asString("")).isNotEqualTo(old.id());
      assertThat(stage.row(controller, id).path("node").asString("")).isEqualTo(old.id());

      controller.client().stop(id);
      EgressInfo info = stage.await(controller, id, EgressStatus.EGRESS_COMPLETE, PATIENCE);
      assertThat(info.getRetryCount()).isZero();
      RecordedMedia.of(info.getFileResults(0).getLocation()).plays("opus");
      assertThat(old.exitCode(PATIENCE)).isZero();
      controller.client().stop(second);
      stage.await(controller, second, EgressStatus.EGRESS_COMPLETE, PATIENCE);
      assertThat(browser.complaints()).isEmpty();
    }
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
