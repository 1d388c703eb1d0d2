package io.spillway.bench.meter;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.time.SimulatedTime;
import io.spillway.store.sql.EgressStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the real schema: when the store's changes, this shows before the bench fails. */
class StoredStatusTest {
  @Test
  void statusesAreReadBesideAStoreThatIsOpen(@TempDir Path data) throws SQLException {
    try (var store = EgressStores.sqlite(data, new SimulatedTime());
        var writer = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("spillway.db"));
        var stored = new StoredStatus(data.resolve("spillway.db"))) {
      assertThat(store.toString()).isNotEmpty();
      assertThat(stored.of("EG_1")).isEqualTo(-1);
      insert(writer, "EG_1", 0);
      insert(writer, "EG_2", 1);
      insert(writer, "EG_3", 1);
      insert(writer, "EG_4", 3);

      assertThat(stored.of("EG_1")).isZero();
      assertThat(stored.of("EG_2")).isEqualTo(StoredStatus.ACTIVE);
      assertThat(stored.of("EG_4")).isEqualTo(StoredStatus.FIRST_FINAL);
      assertThat(stored.unfinished()).isEqualTo(new StoredStatus.Unfinished(3, 2));
    }
  }

  private static void insert(Connection writer, String id, int status) throws SQLException {
    try (Statement statement = writer.createStatement()) {
      statement.executeUpdate(
          ("INSERT INTO egress (egress_id, room_name, status, epoch, sequence, node, created_at,"
                  + " updated_at, revision, info, sealed_request)"
                  + " VALUES ('%s', 'r', %d, 1, 1, 'n', 1, 1, 1, x'', x'')")
              .formatted(id, status));
    }
  }
}
