package io.spillway.store.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.store.EgressStore;
import io.spillway.store.StoreException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_METHOD)
class PostgresStoreTest extends EgressStoreContract {
  @SuppressWarnings("NullAway.Init") // set before all tests
  private static EmbeddedPostgres server;

  @SuppressWarnings("NullAway.Init") // opened before each test
  private EgressStore store;

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
    store = EgressStores.postgres(settings(), time);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  EgressStore store() {
    return store;
  }

  @Override
  EgressStore reopened() {
    store.close();
    store = EgressStores.postgres(settings(), time);
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
