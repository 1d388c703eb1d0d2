package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.interop.fixture.WebhookPeer;
import io.spillway.protocol.livekit.EgressStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Webhooks of a real recording, verified by LiveKit's Python SDK. */
class WebhookTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  void whatWasCommittedBeforeAKillIsDeliveredAfterItUnderTheSameIds() throws Exception {
    int port = WebhookPeer.freePort();
    String yaml = "webhook:\n  urls: ['http://127.0.0.1:%d/hook']\n".formatted(port);
    try (Stage stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT, yaml);
        RustPublisher publisher = stage.rustPublisher("hooks", "rust")) {
      String id = stage.begin("hooks", publisher.publishAudio());
      List<String> committed = events(stage, id);
      assertThat(committed).as("started, updated").hasSizeGreaterThanOrEqualTo(2);
      stage.spillway().kill();

      try (WebhookPeer peer = WebhookPeer.listen(port, folder)) {
        stage.spillway().startAgain();
        stage.spillway().await(id, EgressStatus.EGRESS_ACTIVE, SOON);
        stage.spillway().client().stop(id);
        List<JsonNode> seen = peer.until("egress_ended", SOON);

        assertThat(seen)
            .extracting(one -> one.path("id").asString())
            .startsWith(committed.toArray(String[]::new));
        assertThat(seen).extracting(one -> one.path("sequence").asInt()).isSorted();
        assertThat(seen.getFirst().path("event").asString()).isEqualTo("egress_started");
        assertThat(seen)
            .allSatisfy(one -> {
              assertThat(one.path("egress").asString()).isEqualTo(id);
              assertThat(one.path("room").asString()).isEqualTo("hooks");
              assertThat(one.path("type").asString()).isEqualTo("application/webhook+json");
            });
        assertThat(seen.getLast().path("status").asInt())
            .isEqualTo(EgressStatus.EGRESS_COMPLETE.getNumber());
        Awaitility.await()
            .atMost(SOON)
            .until(() ->
                stage.spillway().client().webhooks(id, "waiting", 100).path("items").isEmpty());
      }
    }
  }

  /** The ids of the egress's events, the oldest first. */
  private static List<String> events(Stage stage, String egress) throws InterruptedException {
    JsonNode items = stage.spillway().client().webhooks(egress, "", 100).path("items");
    return items.valueStream().map(item -> item.path("event_id").asString()).toList().reversed();
  }
}
