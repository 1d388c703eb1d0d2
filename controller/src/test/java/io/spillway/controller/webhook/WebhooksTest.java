package io.spillway.controller.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.spillway.controller.ControllerFixture;
import io.spillway.controller.FakeNode;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.protocol.livekit.WebhookConfig;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Webhooks end to end: a start over HTTP, reports over psrpc, receivers over HTTP. */
final class WebhooksTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String[] LIFE = {
    "egress_started", "egress_updated", "egress_updated", "egress_ended"
  };

  @TempDir private Path folder;
  private Receiver all;
  private Receiver own;
  private ControllerFixture at;
  private FakeNode node;

  @BeforeEach
  void open() throws Exception {
    all = new Receiver("devkey", "secret", 0);
    own = new Receiver("second", "hidden", 0);
    WebhookSettings usual = WebhookSettings.of("devkey", List.of(all.url()), EventFilter.ALL);
    WebhookSettings hasty =
        new WebhookSettings(
            usual.apiKey(), usual.urls(), usual.filter(), Duration.ofSeconds(1), 16, 2);
    at = new ControllerFixture(folder, hasty);
    node = at.node();
  }

  @AfterEach
  void close() {
    node.close();
    at.close();
    all.close();
    own.close();
  }

  private static TrackEgressRequest request(WebhookConfig... webhooks) {
    return ControllerFixture.trackRequest().toBuilder().addAllWebhooks(List.of(webhooks)).build();
  }

  private EgressInfo start(TrackEgressRequest request) throws Exception {
    EgressInfo info = at.call("StartTrackEgress", request).as(EgressInfo.parser());
    node.create(info);
    return info;
  }

  private void end(EgressInfo info) {
    report(info, EgressStatus.EGRESS_ACTIVE);
    report(info, EgressStatus.EGRESS_ENDING);
    report(info, EgressStatus.EGRESS_COMPLETE);
  }

  private void report(EgressInfo info, EgressStatus status) {
    node.update(info.toBuilder().setStatus(status).setUpdatedAt(at.time.unixNanos()).build());
  }

  private static void awaitLife(Receiver receiver) {
    await().atMost(SOON).until(() -> receiver.taken().size() >= 4);
    assertThat(receiver.taken()).extracting(seen -> seen.event().getEvent()).containsExactly(LIFE);
  }

  @Test
  void aReceiverVerifiesTheLifeOfAnEgressInOrder() throws Exception {
    EgressInfo info = start(request());
    end(info);
    awaitLife(all);
    assertThat(all.seen())
        .hasSize(4)
        .allSatisfy(seen -> {
          assertThat(seen.contentType()).isEqualTo("application/webhook+json");
          assertThat(seen.event().getEgressInfo().getEgressId()).isEqualTo(info.getEgressId());
          assertThat(seen.event().getRoom().getName()).isEqualTo("studio");
          assertThat(seen.event().getCreatedAt()).isPositive();
          assertThat(seen.event().toString()).doesNotContain("top");
        });
    assertThat(all.seen()).extracting(Receiver.Seen::sequence).containsExactly("1", "2", "3", "4");
    assertThat(all.seen()).extracting(seen -> seen.event().getId()).doesNotHaveDuplicates();
    assertThat(own.seen()).isEmpty();
  }

  @Test
  void aRequestsOwnWebhookIsSignedWithItsOwnKey() throws Exception {
    WebhookConfig webhook =
        WebhookConfig.newBuilder().setUrl(own.url()).setSigningKey("second").build();
    end(start(request(webhook)));
    awaitLife(own);
    awaitLife(all);
  }

  @Test
  void aReceiverThatWasDownGetsEverythingInOrderUnderTheSameIds() throws Exception {
    all.answer(503);
    EgressInfo info = start(request());
    await().atMost(SOON).until(() -> !all.seen().isEmpty());
    String id = all.seen().getFirst().event().getId();
    int port = all.port();
    all.close();
    end(info);
    await().atMost(SOON).until(() -> firstDelivery().path("attempts").asInt() >= 2);
    all = new Receiver("devkey", "secret", port);
    awaitLife(all);
    assertThat(all.seen().getFirst().event().getId()).isEqualTo(id);
    assertThat(Integer.parseInt(all.seen().getFirst().attempt())).isGreaterThanOrEqualTo(3);
  }

  /** Of the egress's first event, as the API lists it. */
  private JsonNode firstDelivery() throws Exception {
    JsonNode items = at.get("/api/webhooks").json().path("items");
    return items.get(items.size() - 1);
  }

  @Test
  void aSilentReceiverDelaysNoOther() throws Exception {
    own.fallSilent();
    WebhookConfig webhook =
        WebhookConfig.newBuilder().setUrl(own.url()).setSigningKey("second").build();
    for (int i = 0; i < 5; i++) {
      end(start(request(webhook)));
    }
    await().atMost(SOON).until(() -> all.taken().size() >= 20);
    await().atMost(SOON).until(() -> waitingCount() == 20); // all that the silent one should have
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(at.get("/api/webhooks?state=waiting").text())
                .contains("no answer within 1 s"));
    own.speakAgain();
    await().atMost(Duration.ofSeconds(40)).until(() -> waitingCount() == 0);
  }

  private int waitingCount() throws Exception {
    return at.get("/api/webhooks?state=waiting").json().path("items").size();
  }

  @Test
  void anEventIsListedAndSentOnceMore() throws Exception {
    EgressInfo info = start(request());
    await().atMost(SOON).until(() -> waitingCount() == 0 && all.seen().size() == 1);
    JsonNode listed = firstDelivery();
    assertThat(listed.path("state").asString()).isEqualTo("delivered");
    assertThat(listed.path("event").asString()).isEqualTo("egress_started");
    assertThat(listed.path("egress_id").asString()).isEqualTo(info.getEgressId());
    String id = listed.path("event_id").asString();

    assertThat(post("/api/webhooks/" + id + "/redeliver").text())
        .isEqualTo("{\"event_id\":\"" + id + "\",\"deliveries\":1}");
    await().atMost(SOON).until(() -> all.seen().size() == 2);
    assertThat(all.seen()).extracting(seen -> seen.event().getId()).containsExactly(id, id);
    assertThat(post("/api/webhooks/EV_none/redeliver").error()).startsWith("404 not_found");
    assertThat(at.get("/api/webhooks?state=odd").status()).isEqualTo(400);
    assertThat(at.get("/api/webhooks?page_token=odd").status()).isEqualTo(400);
    assertThat(at.send(HttpRequest.newBuilder(at.url("/api/webhooks")).GET()).status())
        .isEqualTo(401);
  }

  private ControllerFixture.Answer post(String path) throws Exception {
    return at.send(
        HttpRequest.newBuilder(URI.create(at.url(path).toString()))
            .header("Authorization", "Bearer " + at.token())
            .POST(HttpRequest.BodyPublishers.noBody()));
  }

  @Test
  void aStartWithAWebhookThatCouldNeverBeSentIsRefused() throws Exception {
    assertThat(
            at.call(
                    "StartTrackEgress",
                    request(WebhookConfig.newBuilder().setUrl("nowhere").build()))
                .error())
        .isEqualTo("400 invalid_argument: request has missing or invalid field: webhooks url");
    assertThat(node.requests()).isEmpty();
  }

  @Test
  void aStartThatNobodyTakesEndsWithOneWebhook() throws Exception {
    TrackEgressRequest nowhere = request().toBuilder().setRoomName("nowhere").build();
    assertThat(at.call("StartTrackEgress", nowhere).status()).isEqualTo(404);
    await().atMost(SOON).until(() -> !all.seen().isEmpty());
    assertThat(all.seen().getFirst().event().getEvent()).isEqualTo("egress_ended");
    assertThat(all.seen().getFirst().event().getEgressInfo().getStatus().name())
        .isEqualTo("EGRESS_FAILED");
  }
}
