package io.spillway.store.sql;

import io.spillway.store.ListQuery;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** A list query as SQL: fixed text for each wish, values always bound. */
record ListSql(String text, Map<String, Object> values) {
  static ListSql of(ListQuery query) {
    StringBuilder where = new StringBuilder(" WHERE 1 = 1");
    Map<String, Object> values = new LinkedHashMap<>();
    if (!query.roomName().isEmpty()) {
      where.append(" AND room_name = :room");
      values.put("room", EgressRow.text(query.roomName()));
    }
    if (!query.egressId().isEmpty()) {
      where.append(" AND egress_id = :id");
      values.put("id", EgressRow.text(query.egressId()));
    }
    if (query.activeOnly()) {
      where.append(" AND status IN (0, 1, 2)");
    }
    if (!query.pageToken().isEmpty()) {
      PageToken after = PageToken.parse(query.pageToken());
      where.append(" AND (created_at, egress_id) < (:afterTime, :afterId)");
      values.put("afterTime", after.createdAt());
      values.put("afterId", EgressRow.text(after.egressId()));
    }
    values.put("rows", query.limit() + 1); // one more tells whether there is a next page
    return new ListSql(
        "SELECT "
            + EgressRow.COLUMNS
            + " FROM egress"
            + where
            + " ORDER BY created_at DESC, egress_id DESC LIMIT :rows",
        values);
  }

  Query prepare(Handle handle) {
    return handle.createQuery(text).bindMap(values);
  }
}
