package io.spillway.store.sql;

import static io.spillway.store.sql.EgressRow.text;

import io.spillway.store.fleet.Lease;
import io.spillway.store.fleet.LeaseBook;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/** Leases in SQL: every change names the state that it was decided on. */
record SqlLeaseBook(Db db) implements LeaseBook {
  @Override
  public Optional<Lease> find(String name) {
    return db.read(
        "read the lease " + name,
        handle ->
            handle
                .createQuery("SELECT name, holder, epoch, beats FROM lease WHERE name = :name")
                .bind("name", text(name))
                .map((row, context) -> read(row))
                .findOne());
  }

  @Override
  public List<Lease> named(String prefix) {
    return db.read(
        "list leases",
        handle ->
            handle
                .createQuery(
                    """
                    SELECT name, holder, epoch, beats FROM lease
                    WHERE substr(name, 1, :length) = :prefix ORDER BY name
                    """)
                .bind("length", prefix.length())
                .bind("prefix", text(prefix))
                .map((row, context) -> read(row))
                .list());
  }

  private static Lease read(ResultSet row) throws SQLException {
    return new Lease(
        row.getString("name"), row.getString("holder"), row.getLong("epoch"), row.getLong("beats"));
  }

  @Override
  public Optional<Lease> take(String name, String holder, Optional<Lease> seen) {
    Lease taken = new Lease(name, holder, seen.map(Lease::epoch).orElse(0L) + 1, 0);
    int rows =
        db.write(
            "take the lease " + name,
            handle -> seen.isEmpty() ? insert(handle, taken) : replace(handle, seen.get(), taken));
    return rows == 1 ? Optional.of(taken) : Optional.empty();
  }

  private static int insert(Handle handle, Lease lease) {
    return bound(
            handle,
            """
            INSERT INTO lease (name, holder, epoch, beats) VALUES (:name, :holder, :epoch, 0)
            ON CONFLICT (name) DO NOTHING
            """,
            lease)
        .execute();
  }

  private static int replace(Handle handle, Lease seen, Lease taken) {
    return bound(
            handle,
            """
            UPDATE lease SET holder = :holder, epoch = :epoch, beats = 0
            WHERE name = :name AND holder = :was AND epoch = :wasEpoch AND beats = :wasBeats
            """,
            taken)
        .bind("was", text(seen.holder()))
        .bind("wasEpoch", seen.epoch())
        .bind("wasBeats", seen.beats())
        .execute();
  }

  @Override
  public boolean renew(Lease mine) {
    return changed(
        "renew the lease " + mine.name(),
        """
        UPDATE lease SET beats = beats + 1
        WHERE name = :name AND holder = :holder AND epoch = :epoch
        """,
        mine);
  }

  @Override
  public void release(Lease mine) {
    boolean _ =
        changed(
            "release the lease " + mine.name(),
            """
            UPDATE lease SET holder = ''
            WHERE name = :name AND holder = :holder AND epoch = :epoch
            """,
            mine);
  }

  private boolean changed(String attempt, String sql, Lease mine) {
    return db.write(attempt, handle -> bound(handle, sql, mine).execute()) == 1;
  }

  private static Update bound(Handle handle, String sql, Lease lease) {
    return handle
        .createUpdate(sql)
        .bind("name", text(lease.name()))
        .bind("holder", text(lease.holder()))
        .bind("epoch", lease.epoch());
  }
}
