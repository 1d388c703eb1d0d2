package io.spillway.store.sql;

import io.spillway.store.StoreException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;

/** Brings a database to this program's schema, and refuses one that a newer program has changed. */
final class Schema {
  private Schema() {}

  static void bringUpToDate(DataSource database) {
    try {
      Flyway flyway =
          Flyway.configure()
              .dataSource(database)
              .locations("classpath:io/spillway/store/sql")
              .loggers("slf4j")
              .load();
      refuseNewer(flyway);
      flyway.migrate();
    } catch (FlywayException failure) {
      throw new StoreException(
          "could not bring the store's schema up to date: " + failure.getMessage(), failure);
    }
  }

  private static void refuseNewer(Flyway flyway) {
    for (MigrationInfo migration : flyway.info().applied()) {
      if (migration.getState() == MigrationState.FUTURE_SUCCESS) {
        throw new StoreException(
            "the store's schema has version %s, which this older program does not know: start the newer one"
                .formatted(migration.getVersion()));
      }
    }
  }
}
