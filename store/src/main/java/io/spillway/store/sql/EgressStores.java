package io.spillway.store.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.spillway.core.time.TimeSource;
import io.spillway.storage.FolderLock;
import io.spillway.storage.FreeDisk;
import io.spillway.store.ControllerStore;
import io.spillway.store.StoreException;
import io.spillway.store.outbox.EventRouter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jdbi.v3.core.Jdbi;

/** Opens stores. Each call brings the schema up to date first and refuses a newer one. */
public final class EgressStores {
  /** How long a write waits for SQLite's disk. */
  private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(5);

  /** How long a call waits for a connection: a start has 10 s in all and must hear why it fails. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /** How long PostgreSQL may be silent within a call. */
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  private static final int SQLITE_READERS = 4;
  private static final String DATABASE = "spillway.db";

  private EgressStores() {}

  /** The embedded store of a controller whose events nobody hears. */
  public static ControllerStore sqlite(Path dataFolder, TimeSource time) {
    return sqlite(dataFolder, time, EventRouter.none());
  }

  /**
   * The embedded store, {@code spillway.db} in the data folder, for one controller process; beside
   * it 8 MiB in {@code reserve}, for the day the disk is full.
   *
   * @throws StoreException when another process has the folder, or it can't be written
   */
  public static ControllerStore sqlite(Path dataFolder, TimeSource time, EventRouter router) {
    FolderLock lock = lock(dataFolder);
    HikariDataSource readers = null;
    try {
      String url = sqliteUrl(dataFolder);
      readers = pool(sqliteReaders(url), DATABASE + " in the data folder " + dataFolder);
      Schema.bringUpToDate(readers);
      GroupCommitWriter writer =
          new GroupCommitWriter(
              Jdbi.create(url + "&transaction_mode=IMMEDIATE"),
              WRITE_TIMEOUT,
              new DiskReserve(dataFolder, FreeDisk.ofSystem(), time));
      HikariDataSource opened = readers;
      Db db = new Db(Jdbi.create(opened), new Reconnect(() -> {}), writer, time);
      freeLeases(db, dataFolder);
      return new SqlEgressStore(
          db,
          router,
          false,
          () -> {
            opened.close();
            release(lock);
          });
    } catch (RuntimeException failure) {
      if (readers != null) {
        readers.close();
      }
      release(lock);
      throw failure;
    }
  }

  /** The shared store of controllers whose events nobody hears. */
  public static ControllerStore postgres(PostgresSettings settings, TimeSource time) {
    return postgres(settings, time, EventRouter.none());
  }

  /**
   * The shared store of several controllers.
   *
   * @throws StoreException when the database can't be reached or is newer than this program
   */
  public static ControllerStore postgres(
      PostgresSettings settings, TimeSource time, EventRouter router) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(settings.url());
    config.setUsername(settings.user());
    config.setPassword(settings.password());
    config.setMaximumPoolSize(settings.connections());
    config.setPoolName("store");
    // A hung server must not hold a caller: the driver waits for ever unless told.
    config.addDataSourceProperty("connectTimeout", CONNECT_TIMEOUT.toSeconds());
    config.addDataSourceProperty("socketTimeout", ANSWER_TIMEOUT.toSeconds());
    HikariDataSource pool = pool(config, settings.url());
    try {
      Schema.bringUpToDate(pool);
      Jdbi jdbi = Jdbi.create(pool);
      Reconnect reconnect = new Reconnect(pool.getHikariPoolMXBean()::softEvictConnections);
      Db db = new Db(jdbi, reconnect, new PooledWriter(jdbi, reconnect), time);
      return new SqlEgressStore(db, router, true, pool::close);
    } catch (RuntimeException failure) {
      pool.close();
      throw failure;
    }
  }

  /** The lock says that no other process lives: nobody's term has to be waited for. */
  private static void freeLeases(Db db, Path dataFolder) {
    int _ =
        db.write(
            "free the leases of an earlier process in the data folder " + dataFolder,
            handle -> handle.execute("UPDATE lease SET holder = '' WHERE holder <> ''"));
  }

  private static FolderLock lock(Path dataFolder) {
    try {
      return FolderLock.take(dataFolder, "store.lock")
          .orElseThrow(() ->
              new StoreException(
                  "another controller uses the data folder "
                      + dataFolder
                      + ": SQLite serves one controller process. Give this one a folder of its"
                      + " own, or let several share PostgreSQL (store URL"
                      + " jdbc:postgresql://…)"));
    } catch (IOException failure) {
      throw new StoreException(
          "could not make or lock the data folder " + dataFolder + ": " + failure, failure);
    }
  }

  private static void release(FolderLock lock) {
    try {
      lock.close();
    } catch (IOException failure) {
      throw new StoreException("could not release the data folder", failure);
    }
  }

  private static HikariConfig sqliteReaders(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(SQLITE_READERS);
    config.setMinimumIdle(1);
    config.setPoolName("store-readers");
    return config;
  }

  private static HikariDataSource pool(HikariConfig config, String where) {
    config.setConnectionTimeout(CONNECT_TIMEOUT.toMillis());
    try {
      return new HikariDataSource(config);
    } catch (PoolInitializationException failure) {
      throw new StoreException(
          "could not open the store " + where + ": " + failure.getMessage(), failure);
    }
  }

  private static String sqliteUrl(Path dataFolder) {
    return "jdbc:sqlite:"
        + dataFolder.toAbsolutePath().resolve(DATABASE)
        + "?journal_mode=WAL&synchronous=FULL&busy_timeout=5000&foreign_keys=true";
  }
}
