package io.spillway.store.sql;

import static io.spillway.store.sql.EgressRow.text;

import io.spillway.store.keys.StartKey;
import io.spillway.store.keys.StartKeys;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/** Keys of starts in SQL. */
record SqlStartKeys(Db db) implements StartKeys {
  @Override
  public Optional<StartKey> reserve(StartKey wanted) {
    return db.write(
        "keep the Idempotency-Key of egress " + wanted.egressId(),
        handle -> {
          int rows =
              bound(
                      handle,
                      """
                      INSERT INTO start_key (api_key, start_key, body_hash, egress_id, created_at)
                      VALUES (:api, :key, :hash, :egress, :created)
                      ON CONFLICT (api_key, start_key) DO NOTHING
                      """,
                      wanted)
                  .execute();
          return rows == 1 ? Optional.empty() : find(handle, wanted.apiKey(), wanted.key());
        });
  }

  @Override
  public Optional<StartKey> find(String apiKey, String key) {
    return db.read("find an Idempotency-Key", handle -> find(handle, apiKey, key));
  }

  private static Optional<StartKey> find(Handle handle, String apiKey, String key) {
    return handle
        .createQuery(
            """
            SELECT api_key, start_key, body_hash, egress_id, created_at FROM start_key
            WHERE api_key = :api AND start_key = :key
            """)
        .bind("api", text(apiKey))
        .bind("key", text(key))
        .map((row, context) ->
            new StartKey(
                row.getString("api_key"),
                row.getString("start_key"),
                row.getString("body_hash"),
                row.getString("egress_id"),
                row.getLong("created_at")))
        .findOne();
  }

  @Override
  public boolean replace(StartKey seen, StartKey wanted) {
    return db.write(
            "give an Idempotency-Key to egress " + wanted.egressId(),
            handle ->
                bound(
                        handle,
                        """
                        UPDATE start_key SET body_hash = :hash, egress_id = :egress,
                          created_at = :created
                        WHERE api_key = :api AND start_key = :key AND egress_id = :was
                        """,
                        wanted)
                    .bind("was", text(seen.egressId()))
                    .execute())
        == 1;
  }

  @Override
  public void release(StartKey key) {
    int _ =
        db.write(
            "forget the Idempotency-Key of egress " + key.egressId(),
            handle ->
                bound(
                        handle,
                        """
                        DELETE FROM start_key
                        WHERE api_key = :api AND start_key = :key AND egress_id = :egress
                          AND body_hash = :hash AND created_at = :created
                        """,
                        key)
                    .execute());
  }

  private static Update bound(Handle handle, String sql, StartKey key) {
    return handle
        .createUpdate(sql)
        .bind("api", text(key.apiKey()))
        .bind("key", text(key.key()))
        .bind("hash", key.bodyHash())
        .bind("egress", text(key.egressId()))
        .bind("created", key.createdAtNanos());
  }

  @Override
  public int forget(long beforeUnixNanos, int most) {
    return db.write(
        "remove old Idempotency-Keys",
        handle ->
            handle
                .createUpdate(
                    """
                    DELETE FROM start_key WHERE (api_key, start_key) IN (
                      SELECT api_key, start_key FROM start_key WHERE created_at < :before
                      ORDER BY created_at LIMIT :most)
                    """)
                .bind("before", beforeUnixNanos)
                .bind("most", most)
                .execute());
  }
}
