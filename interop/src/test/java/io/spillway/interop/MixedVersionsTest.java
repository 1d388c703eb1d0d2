package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.ControllerProcess;
import io.spillway.interop.fixture.FleetStage;
import io.spillway.interop.fixture.NodeProcess;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.SteadyTakes;
import io.spillway.interop.fixture.SteadyTakes.Take;
import io.spillway.interop.fixture.Version;
import io.spillway.interop.fixture.WebhookReceiver;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.ListEgressRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fleet of an earlier version of ours becomes one of this version, process by process, while it
 * works: for some time both versions share Redis, PostgreSQL, leases, canaries and the outbox.
 */
class MixedVersionsTest {
  /** With what a drained node still records, on a busy machine. */
  private static final Duration DRAINED = Duration.ofMinutes(2);

  /** So many starts are made in each mix of versions before the next process is replaced. */
  private static final int STARTS_EACH = 8;

  private static final Duration STARTS_WITHIN = Duration.ofMinutes(2);

  @TempDir Path folder;

  @Test
  void aFleetThatIsReplacedOneByOneUnderLoadLosesNoStartNoStatusAndNoRecording() throws Exception {
    Version earlier = Version.earlier();
    try (WebhookReceiver hooks = WebhookReceiver.start();
        FleetStage stage = FleetStage.set(folder, 2, 2, hooks.yaml(), earlier);
        RustPublisher publisher = stage.publisher("studio", "alice");
        SteadyTakes users = SteadyTakes.of(stage, publisher.publishAudio())) {
      awaitStarts(users);
      replaceController(stage, 0);
      awaitStarts(users);
      replaceNode(stage, 0);
      awaitStarts(users);
      replaceController(stage, 1);
      awaitStarts(users);
      replaceNode(stage, 1);
      awaitStarts(users);
      List<Take> takes = users.finish();
      assertThat(takes).extracting(Take::problem).as(stage::logs).containsOnly("");
      assertThat(takes).allSatisfy(take -> isWhole(take));
      nothingIsDoubled(stage, takes);
      for (Take take : takes) {
        assertThat(hooks.awaitEnd(take.egressId()))
            .as("webhooks of %s", take.egressId())
            .contains("egress_ended EGRESS_COMPLETE");
      }
      assertThat(hooks.faults()).isEmpty();
    }
  }

  private static void awaitStarts(SteadyTakes users) {
    int before = users.answered();
    Awaitility.await(STARTS_EACH + " starts in this mix of versions")
        .atMost(STARTS_WITHIN)
        .until(() -> users.answered() >= before + STARTS_EACH);
  }

  private static void replaceController(FleetStage stage, int index) throws InterruptedException {
    stage.controller(index).replaceBy(Version.present());
    stage.awaitHealthy(2);
  }

  /** Its recordings run to their end first. */
  private static void replaceNode(FleetStage stage, int index) throws InterruptedException {
    NodeProcess node = stage.nodes().get(index);
    node.signal("TERM");
    assertThat(node.exitCode(DRAINED)).as(node::logTail).isZero();
    node.startAgainAs(Version.present());
    stage.awaitHealthy(2);
  }

  /**
   * Complete, in one file that plays. (On a slow machine a second node may have taken the start.)
   */
  private static void isWhole(Take take) throws Exception {
    EgressInfo info = take.end().orElseThrow();
    assertThat(info.getStatus()).as("%s", info).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(info.getFileResultsList()).as("%s", info).hasSize(1);
    assertThat(info.getFileResults(0).getDuration()).as("%s", info).isPositive();
    RecordedMedia.of(info.getFileResults(0).getLocation()).plays("opus");
  }

  private static void nothingIsDoubled(FleetStage stage, List<Take> takes)
      throws InterruptedException {
    Set<String> ids = new HashSet<>();
    Set<String> files = new HashSet<>();
    for (Take take : takes) {
      ids.add(take.egressId());
      files.add(take.end().orElseThrow().getFileResults(0).getLocation());
    }
    assertThat(ids).hasSameSizeAs(takes);
    assertThat(files).hasSameSizeAs(takes);
    for (int i = 0; i < stage.controllers(); i++) {
      ControllerProcess controller = stage.controller(i);
      assertThat(
              controller.client().listAll(ListEgressRequest.getDefaultInstance(), 2 * takes.size()))
          .extracting(EgressInfo::getEgressId)
          .containsExactlyInAnyOrderElementsOf(ids);
    }
  }
}
