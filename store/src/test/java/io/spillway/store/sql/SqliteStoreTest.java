package io.spillway.store.sql;

import static io.spillway.protocol.livekit.EgressStatus.EGRESS_ACTIVE;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_COMPLETE;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_STARTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.spillway.core.time.SimulatedTime;
import io.spillway.store.Applied;
import io.spillway.store.ControllerStore;
import io.spillway.store.EgressStore;
import io.spillway.store.HistoryQuery;
import io.spillway.store.NewEgress;
import io.spillway.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends ControllerStoreContract {
  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init") // opened before each test
  private ControllerStore store;

  @BeforeEach
  void open() {
    store = EgressStores.sqlite(folder, time, router);
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
    store = EgressStores.sqlite(folder, time, router);
    return store;
  }

  @Test
  void aSecondStoreOnTheFolderIsToldToUsePostgres() {
    for (int attempt = 0; attempt < 2; attempt++) { // the first refusal must not drop the lock
      assertThatThrownBy(() -> EgressStores.sqlite(folder, time))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("PostgreSQL");
    }
    create("EG_1", "room");
    assertThat(store.find("EG_1")).isPresent();
  }

  @Test
  void aSecondProcessOnTheFolderIsToldToUsePostgres() throws Exception {
    Process second =
        new ProcessBuilder(
                List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    SecondProcess.class.getName(),
                    folder.toString()))
            .redirectErrorStream(true)
            .start();
    String said = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(second.waitFor()).as(said).isEqualTo(3);
    assertThat(said).contains("another controller uses the data folder").contains("PostgreSQL");
  }

  /** Tries to open a store on the folder of its argument. */
  static final class SecondProcess {
    private SecondProcess() {}

    public static void main(String[] args) {
      try (EgressStore opened = EgressStores.sqlite(Path.of(args[0]), new SimulatedTime())) {
        System.out.println("opened " + opened);
      } catch (StoreException refused) {
        System.out.println(refused.getMessage());
        System.exit(3);
      }
    }
  }

  @Test
  void aDatabaseOfANewerProgramIsRefusedInOneLine() throws SQLException {
    store.close();
    try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = database.createStatement()) {
      int rows =
          statement.executeUpdate(
              "INSERT INTO flyway_schema_history VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 1, 'x', '2030-01-01 00:00:00.000', 1, 1)");
      assertThat(rows).isEqualTo(1);
    }
    assertThatThrownBy(() -> EgressStores.sqlite(folder, time))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("99")
        .hasMessageContaining("start the newer one");
    try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = database.createStatement()) {
      statement.executeUpdate("DELETE FROM flyway_schema_history WHERE version = '99'");
    }
    open(); // the refusal let go of the folder
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> EgressStores.sqlite(file.resolve("data"), time))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void aDatabaseThatCannotBeOpenedIsNamedByItsFolder(@TempDir Path other) throws IOException {
    Files.createDirectory(other.resolve("spillway.db"));
    assertThatThrownBy(() -> EgressStores.sqlite(other, time))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("could not open the store spillway.db in the data folder " + other)
        .hasMessageNotContaining("jdbc:");
  }

  @Test
  void aClosedStoreSaysSo() {
    store.close();
    NewEgress egress = new NewEgress(info("EG_1", "room", EGRESS_STARTING), ByteString.EMPTY);
    assertThatThrownBy(() -> store.create(egress))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("EG_1")
        .hasMessageContaining("closed");
    open();
  }

  @Test
  void leasesOfAnEarlierProcessAreFree() {
    assertThat(store.leases().take("duty", "CT_gone", Optional.empty())).isPresent();
    assertThat(reopened().leases().find("duty").orElseThrow().isFree()).isTrue();
  }

  @Test
  void egressesOfTheVersionBeforeAreFoundAfterwards(@TempDir Path older) throws SQLException {
    String url = "jdbc:sqlite:" + older.resolve("spillway.db");
    Flyway.configure()
        .dataSource(url, null, null)
        .locations("classpath:io/spillway/store/sql")
        .target("2")
        .load()
        .migrate();
    try (Connection database = DriverManager.getConnection(url);
        PreparedStatement insert =
            database.prepareStatement(
                "INSERT INTO egress VALUES ('EG_1', 'Room', 1, 1, 4, 'ND', 5, 6, 7, ?, ?)")) {
      insert.setBytes(1, info("EG_1", "Room", EGRESS_ACTIVE).toByteArray());
      insert.setBytes(2, new byte[0]);
      assertThat(insert.executeUpdate()).isEqualTo(1);
    }
    try (ControllerStore opened = EgressStores.sqlite(older, time, router)) {
      assertThat(opened.search(HistoryQuery.all().containing("eg_1 room")).egresses()).hasSize(1);
      assertThat(opened.apply(update("EG_1", EGRESS_COMPLETE, 1, 5))).isEqualTo(Applied.ACCEPTED);
    }
  }

  private Path file() {
    return folder.resolve("spillway.db");
  }
}
