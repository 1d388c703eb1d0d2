package io.spillway.controller.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.ControllerFixture;
import io.spillway.core.time.SystemTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.store.ControllerStore;
import io.spillway.store.NewEgress;
import io.spillway.store.StatusUpdate;
import io.spillway.store.outbox.Target;
import io.spillway.store.sql.EgressStores;
import io.spillway.store.sql.PostgresSettings;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two controllers over one PostgreSQL: one tells what the other stored. */
final class SharedOutboxTest {
  private static final Target HEARER = new Target("hearer", "");
  private static final Duration SOON = Duration.ofSeconds(15);

  @TempDir private Path folder;
  private final SystemTime time = new SystemTime();
  private final List<String> told = new CopyOnWriteArrayList<>();

  /** A controller as far as its outbox goes. */
  private final class Telling implements AutoCloseable {
    private final ControllerStore store;
    private final Webhooks webhooks;

    Telling(String name, PostgresSettings database, MemoryBus bus) {
      WebhookRouter router =
          WebhookRouter.telling(HEARER, false, WebhookSettings.none(), ControllerFixture.KEYS);
      Poster poster =
          delivery -> {
            told.add(name + " " + delivery.event().info().getEgressId());
            return new Answer.Taken();
          };
      store = EgressStores.postgres(database, time, router);
      webhooks =
          new Webhooks(
              router,
              ControllerFixture.KEYS,
              store,
              name,
              bus,
              Optional.of(new Webhooks.Hearer(HEARER.url(), poster, () -> true)),
              time,
              new Random(1),
              new PrometheusRegistry());
      webhooks.start();
    }

    void store(String egressId) {
      EgressInfo info = EgressInfo.newBuilder().setEgressId(egressId).setRoomName("room").build();
      store.create(new NewEgress(info, ByteString.EMPTY));
      var _ =
          store.apply(
              new StatusUpdate(
                  info.toBuilder().setStatus(EgressStatus.EGRESS_STARTING).build(),
                  1,
                  1,
                  "NE_1",
                  ""));
    }

    @Override
    public void close() {
      webhooks.close();
      store.close();
    }
  }

  @Test
  void theOneOnDutyHearsAtOnceOfWhatAnotherStoredAndTheOtherTakesOver() throws Exception {
    try (EmbeddedPostgres server =
            EmbeddedPostgres.builder().setDataDirectory(folder.resolve("pg")).start();
        MemoryBus bus = new MemoryBus(new RpcMetrics())) {
      PostgresSettings database =
          new PostgresSettings(server.getJdbcUrl("postgres", "postgres"), "postgres", "", 4);
      Telling onDuty = new Telling("first", database, bus);
      onDuty.store("EG_0");
      await().atMost(SOON).until(() -> told.contains("first EG_0"));
      try (Telling other = new Telling("second", database, bus)) {
        long began = time.nanos();
        for (int i = 1;
            i <= 5;
            i++) { // each right after a look: the next look comes a second later
          String id = "EG_" + i;
          other.store(id);
          await()
              .atMost(SOON)
              .pollInterval(Duration.ofMillis(5))
              .until(() -> told.contains("first " + id));
        }
        assertThat(Duration.ofNanos(time.nanos() - began)).isLessThan(Duration.ofSeconds(3));
        onDuty.close();
        other.store("EG_6");
        await().atMost(SOON).until(() -> told.contains("second EG_6"));
        assertThat(told).doesNotHaveDuplicates();
      }
    } finally {
      time.close();
    }
  }
}
