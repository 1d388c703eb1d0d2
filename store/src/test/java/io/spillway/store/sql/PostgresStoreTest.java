package io.spillway.store.sql;

import static io.spillway.protocol.livekit.EgressStatus.EGRESS_STARTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.spillway.core.time.SystemTime;
import io.spillway.store.ControllerStore;
import io.spillway.store.EgressStore;
import io.spillway.store.NewEgress;
import io.spillway.store.StoreException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_METHOD)
class PostgresStoreTest extends ControllerStoreContract {
  @SuppressWarnings("NullAway.Init") // set before all tests
  private static EmbeddedPostgres server;

  @SuppressWarnings("NullAway.Init") // opened before each test
  private ControllerStore store;

  @BeforeAll
  static void startServer() throws IOException {
    server = EmbeddedPostgres.start();
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @BeforeEach
  void open() throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA public CASCADE");
      statement.execute("CREATE SCHEMA public");
    }
    store = EgressStores.postgres(settings(), time, router);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  ControllerStore store() {
    return store;
  }

  @Override
  ControllerStore reopened() {
    store.close();
    store = EgressStores.postgres(settings(), time, router);
    return store;
  }

  private static PostgresSettings settings() {
    return new PostgresSettings(
        server.getJdbcUrl("postgres", "postgres"), "postgres", "secret-password", 8);
  }

  @Test
  void severalControllersShareOneDatabase() {
    try (EgressStore other = EgressStores.postgres(settings(), time)) {
      create("EG_1", "room");
      assertThat(other.fence("EG_1", "other controller")).isEqualTo(2);
      assertThat(store.find("EG_1").orElseThrow().epoch()).isEqualTo(2);
    }
  }

  @Test
  void aDatabaseThatGoesAwayIsToldInTimeAndMissedOnlyWhileItIsGone() throws Exception {
    try (EmbeddedPostgres own = EmbeddedPostgres.start();
        DoorTo door = new DoorTo(own.getPort());
        SystemTime clock = new SystemTime();
        EgressStore away =
            EgressStores.postgres(
                new PostgresSettings(
                    "jdbc:postgresql://127.0.0.1:" + door.port() + "/postgres", "postgres", "", 2),
                time)) {
      away.create(new NewEgress(info("EG_1", "room", EGRESS_STARTING), ByteString.EMPTY));
      door.shut();
      long before = clock.nanos();
      assertThatThrownBy(() -> away.fence("EG_1", "node lost"))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("could not fence egress EG_1");
      assertThat(Duration.ofNanos(clock.nanos() - before)).isLessThan(Duration.ofSeconds(8));
      door.open();
      assertThat(away.fence("EG_1", "node lost")).isEqualTo(2);
    }
  }

  @Test
  void aServerThatCannotBeReachedIsNamedWithoutThePassword() {
    PostgresSettings nobody =
        new PostgresSettings("jdbc:postgresql://127.0.0.1:1/none", "user", "secret-password", 1);
    assertThat(nobody.toString()).doesNotContain("secret-password");
    assertThatThrownBy(() -> EgressStores.postgres(nobody, time))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("127.0.0.1:1/none")
        .hasMessageNotContaining("secret-password");
  }
}
