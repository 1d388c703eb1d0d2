package io.spillway.store.sql;

import static io.spillway.store.sql.EgressRow.text;

import io.spillway.store.fleet.NodeBook;
import io.spillway.store.fleet.NodeRecord;
import io.spillway.store.fleet.NodeStep;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/** Nodes and their changes in SQL. */
record SqlNodeBook(Db db) implements NodeBook {
  private static final String COLUMNS = "node_id, kind, region, version, started_at, state, reason";

  @Override
  public boolean put(NodeRecord node) {
    return db.write("store the state of node " + node.nodeId(), handle -> put(handle, node));
  }

  private boolean put(Handle handle, NodeRecord node) {
    long now = db.now();
    int inserted =
        bound(
                handle,
                """
                INSERT INTO node (node_id, kind, region, version, started_at, state, reason,
                  changed_at, changes)
                VALUES (:id, :kind, :region, :version, :started, :state, :reason, :now, 1)
                ON CONFLICT (node_id) DO NOTHING
                """,
                node)
            .bind("now", now)
            .execute();
    if (inserted == 1) {
      addStep(handle, node, 1, now);
      return true;
    }
    int changed =
        bound(
                handle,
                """
                UPDATE node SET kind = :kind, region = :region, version = :version,
                  started_at = :started, state = :state, reason = :reason, changed_at = :now,
                  changes = changes + 1
                WHERE node_id = :id AND (state <> :state OR reason <> :reason)
                """,
                node)
            .bind("now", now)
            .execute();
    if (changed == 1) {
      // The row stays ours until the commit: nobody else has counted on.
      addStep(handle, node, changes(handle, node.nodeId()), now);
      return true;
    }
    bound(
            handle,
            """
            UPDATE node SET kind = :kind, region = :region, version = :version,
              started_at = :started
            WHERE node_id = :id AND state = :state AND reason = :reason
            """,
            node)
        .execute();
    return false;
  }

  private static Update bound(Handle handle, String sql, NodeRecord node) {
    return handle
        .createUpdate(sql)
        .bind("id", text(node.nodeId()))
        .bind("kind", text(node.kind()))
        .bind("region", text(node.region()))
        .bind("version", text(node.version()))
        .bind("started", node.startedAtNanos())
        .bind("state", text(node.state()))
        .bind("reason", text(node.reason()));
  }

  private static long changes(Handle handle, String nodeId) {
    return handle
        .createQuery("SELECT changes FROM node WHERE node_id = :id")
        .bind("id", text(nodeId))
        .map((row, context) -> row.getLong("changes"))
        .one();
  }

  private static void addStep(Handle handle, NodeRecord node, long number, long now) {
    handle
        .createUpdate(
            """
            INSERT INTO node_change (node_id, number, at, state, reason)
            VALUES (:id, :number, :now, :state, :reason)
            """)
        .bind("id", text(node.nodeId()))
        .bind("number", number)
        .bind("now", now)
        .bind("state", text(node.state()))
        .bind("reason", text(node.reason()))
        .execute();
  }

  @Override
  public Optional<NodeRecord> find(String nodeId) {
    return db.read(
        "find node " + nodeId,
        handle ->
            handle
                .createQuery("SELECT " + COLUMNS + " FROM node WHERE node_id = :id")
                .bind("id", text(nodeId))
                .map((row, context) -> read(row))
                .findOne());
  }

  @Override
  public List<NodeRecord> all() {
    return db.read(
        "list nodes",
        handle ->
            handle
                .createQuery("SELECT " + COLUMNS + " FROM node ORDER BY node_id")
                .map((row, context) -> read(row))
                .list());
  }

  private static NodeRecord read(ResultSet row) throws SQLException {
    return new NodeRecord(
        row.getString("node_id"),
        row.getString("kind"),
        row.getString("region"),
        row.getString("version"),
        row.getLong("started_at"),
        row.getString("state"),
        row.getString("reason"));
  }

  @Override
  public List<NodeStep> history(String nodeId, int most) {
    return db.read(
        "read the history of node " + nodeId,
        handle ->
            handle
                .createQuery(
                    """
                    SELECT at, state, reason FROM node_change WHERE node_id = :id
                    ORDER BY number DESC LIMIT :most
                    """)
                .bind("id", text(nodeId))
                .bind("most", most)
                .map((row, context) ->
                    new NodeStep(
                        row.getLong("at"), row.getString("state"), row.getString("reason")))
                .list());
  }

  @Override
  public int forget(String state, long beforeUnixNanos) {
    return db.write(
        "remove old nodes",
        handle -> {
          handle
              .createUpdate(
                  """
                  DELETE FROM node_change WHERE at < :before AND number < (
                    SELECT changes FROM node WHERE node.node_id = node_change.node_id)
                  """)
              .bind("before", beforeUnixNanos)
              .execute();
          return handle
              .createUpdate("DELETE FROM node WHERE state = :state AND changed_at < :before")
              .bind("state", text(state))
              .bind("before", beforeUnixNanos)
              .execute();
        });
  }
}
