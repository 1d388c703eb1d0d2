package io.spillway.controller;

import static io.spillway.controller.ControllerFixture.trackRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.spillway.controller.ControllerFixture.Answer;
import io.spillway.controller.webhook.EventFilter;
import io.spillway.controller.webhook.WebhookSettings;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.livekit.ListEgressResponse;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.store.StoreException;
import io.spillway.store.fleet.NodeRecord;
import io.spillway.store.sql.EgressStores;
import io.spillway.store.sql.PostgresSettings;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A controller whose PostgreSQL is stopped for a while and started again. */
final class PostgresAwayTest {
  /** As long as an operator wants it; a minute shows nothing that some seconds don't. */
  private static final Duration AWAY =
      Duration.ofSeconds(Integer.getInteger("spillway.test.postgres.away.seconds", 6));

  private static final Duration SOON = Duration.ofSeconds(15);

  @TempDir private Path folder;
  private EmbeddedPostgres server;
  private ControllerFixture at;
  private FakeNode node;

  @BeforeEach
  void open() throws Exception {
    server = server(0);
    PostgresSettings settings =
        new PostgresSettings(server.getJdbcUrl("postgres", "postgres"), "postgres", "", 4);
    // Nobody listens there: what was committed shows in the outbox.
    WebhookSettings hooks =
        WebhookSettings.of("", List.of("http://127.0.0.1:1/hook"), EventFilter.ALL);
    at =
        new ControllerFixture(
            hooks, (time, router) -> EgressStores.postgres(settings, time, router));
    node = at.node();
  }

  private EmbeddedPostgres server(int port) throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(folder.resolve("pg"))
            .setCleanDataDirectory(false);
    return (port == 0 ? builder : builder.setPort(port)).start();
  }

  @AfterEach
  void close() throws IOException {
    node.close();
    at.close();
    server.close();
  }

  @Test
  void startsAreRefusedWithTheReasonStatusesWaitAndAllGoesOnAfterwards() throws Exception {
    EgressInfo info = at.call("StartTrackEgress", trackRequest()).as(EgressInfo.parser());
    node.create(info);
    int port = server.getPort();
    server.close();

    Answer refused = at.call("StartTrackEgress", trackRequest());
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.error())
        .contains("unavailable: could not store egress", "nothing was started");
    EgressInfo active = info.toBuilder().setStatus(EgressStatus.EGRESS_ACTIVE).build();
    assertThatThrownBy(() -> node.update(active, "9"))
        .isInstanceOfSatisfying(
            RpcException.class, why -> assertThat(why.code()).isEqualTo(RpcCode.UNAVAILABLE));
    assertThatThrownBy(() -> at.store.find(info.getEgressId())).isInstanceOf(StoreException.class);
    assertThat(at.get("/readyz").status()).isEqualTo(503);
    pass(AWAY);

    server = server(port);
    await().atMost(SOON).until(() -> at.get("/readyz").status() == 200);
    assertThat(node.requests()).as("dispatched while nothing could be stored").hasSize(1);
    node.update(active, "9");
    assertThat(at.stored(info.getEgressId()).getStatus()).isEqualTo(EgressStatus.EGRESS_ACTIVE);
    assertThat(
            at.call("ListEgress", ListEgressRequest.getDefaultInstance())
                .as(ListEgressResponse.parser())
                .getItemsCount())
        .isEqualTo(1);
    assertThat(at.call("StartTrackEgress", trackRequest()).status()).isEqualTo(200);
    // The courier has its duty again and goes on with what is in the outbox.
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(at.get("/api/webhooks?egress_id=" + info.getEgressId()).text())
                .contains("egress_started", "egress_updated", "ConnectException"));
  }

  @Test
  void leasesGoOnAndNoNodeIsEjectedHoweverLongItIsAway() throws Exception {
    try (LeasedNode leased = new LeasedNode("NE_a", at)) {
      var _ = leased.renew();
      await().atMost(SOON).until(() -> healthOf("NE_a").equals("HEALTHY"));
      int before = at.store.nodes().history("NE_a", 100).size();
      int port = server.getPort();
      server.close();
      for (int second = 0; second < AWAY.toSeconds(); second++) {
        assertThat(leased.renew()).as("orders of a controller without a store").isEmpty();
        assertThat(nodesBy("healthy")).isEqualTo(1);
        if (second % 5 == 1) { // each takes its time: the store is asked
          assertThat(at.call("StartTrackEgress", trackRequest()).error())
              .contains("could not store egress", "nothing was started");
        }
        pass(Duration.ofSeconds(1));
      }
      assertThat(leased.requests()).as("dispatched unstored").isEmpty();
      server = server(port);
      await().atMost(SOON).until(() -> at.get("/readyz").status() == 200);
      var _ = leased.renew();
      assertThat(at.call("StartTrackEgress", trackRequest()).status()).isEqualTo(200);
      assertThat(leased.requests()).hasSize(1);
      assertThat(at.store.nodes().history("NE_a", 100)).hasSize(before);
    }
  }

  private String healthOf(String nodeId) {
    return at.store.nodes().find(nodeId).map(NodeRecord::state).orElse("");
  }

  private double nodesBy(String health) {
    return at.metrics.scrape(name -> name.equals("spillway_nodes")).stream()
        .flatMap(metric -> ((GaugeSnapshot) metric).getDataPoints().stream())
        .filter(point -> health.equals(point.getLabels().get("health")))
        .mapToDouble(GaugeSnapshot.GaugeDataPointSnapshot::getValue)
        .sum();
  }

  private void pass(Duration length) throws InterruptedException {
    CountDownLatch over = new CountDownLatch(1);
    var timer = at.time.after(length, over::countDown);
    over.await();
    timer.cancel();
  }
}
