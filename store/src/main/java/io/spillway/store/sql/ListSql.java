package io.spillway.store.sql;

import static io.spillway.store.sql.EgressRow.text;

import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.HistoryQuery;
import io.spillway.store.ListQuery;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** A list query as SQL: fixed text for each wish, values always bound. */
final class ListSql {
  private final StringBuilder where = new StringBuilder(" WHERE 1 = 1");
  private final Map<String, Object> values = new LinkedHashMap<>();
  private final int limit;

  private ListSql(int limit, String pageToken) {
    this.limit = limit;
    if (!pageToken.isEmpty()) {
      PageToken after = PageToken.parse(pageToken);
      where.append(" AND (created_at, egress_id) < (:afterTime, :afterId)");
      values.put("afterTime", after.createdAt());
      values.put("afterId", text(after.id()));
    }
  }

  static ListSql of(ListQuery query) {
    ListSql sql = new ListSql(query.limit(), query.pageToken());
    sql.addUnlessEmpty("room_name", query.roomName());
    sql.addUnlessEmpty("egress_id", query.egressId());
    if (query.activeOnly()) {
      sql.where.append(" AND status IN (0, 1, 2)");
    }
    return sql;
  }

  static ListSql of(HistoryQuery query) {
    ListSql sql = new ListSql(query.limit(), query.pageToken());
    sql.where.append(" AND created_at >= :from AND created_at < :until");
    sql.values.put("from", query.fromNanos());
    sql.values.put("until", query.untilNanos());
    sql.addUnlessEmpty("room_name", query.roomName());
    sql.addUnlessEmpty("node", query.node());
    sql.addAnyOf("status", query.statuses().stream().map(EgressStatus::getNumber).toList());
    sql.addAnyOf("kind", List.copyOf(query.kinds()));
    if (!query.text().isEmpty()) {
      sql.where.append(" AND search LIKE :text ESCAPE '!'");
      sql.values.put("text", SearchText.holding(query.text()));
    }
    return sql;
  }

  private void addUnlessEmpty(String column, String value) {
    if (!value.isEmpty()) {
      where.append(" AND ").append(column).append(" = :").append(column);
      values.put(column, text(value));
    }
  }

  private void addAnyOf(String column, List<?> wanted) {
    if (wanted.isEmpty()) {
      return;
    }
    List<String> names = new ArrayList<>();
    for (Object value : wanted) {
      String name = column + names.size();
      names.add(":" + name);
      values.put(name, value);
    }
    where.append(" AND ").append(column).append(" IN (").append(String.join(", ", names));
    where.append(")");
  }

  /** One row more than the limit tells whether there is a next page. */
  List<EgressRow> run(Handle handle) {
    String sql =
        "SELECT "
            + EgressRow.COLUMNS
            + " FROM egress"
            + where
            + " ORDER BY created_at DESC, egress_id DESC LIMIT :rows";
    try (Query select = handle.createQuery(sql).bindMap(values).bind("rows", limit + 1)) {
      return select.map((row, context) -> EgressRow.read(row)).list();
    }
  }
}
