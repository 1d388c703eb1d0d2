package io.spillway.store.sql;

import static io.spillway.store.sql.EgressRow.text;

import io.spillway.store.outbox.Backlog;
import io.spillway.store.outbox.Delivery;
import io.spillway.store.outbox.DeliveryPage;
import io.spillway.store.outbox.DeliveryQuery;
import io.spillway.store.outbox.EventKind;
import io.spillway.store.outbox.Outbox;
import io.spillway.store.outbox.OutboxEvent;
import io.spillway.store.outbox.Target;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.statement.Query;

/** The outbox in SQL; {@link EventWrites} fills it. */
record SqlOutbox(Db db) implements Outbox {
  private static final int LONGEST_ERROR = 500;
  private static final String COLUMNS =
      """
      SELECT d.event_id, d.url, d.api_key, d.egress_id, d.sequence, d.state, d.attempts, d.next_at,
        d.expires_at, d.ended_at, d.last_error, e.kind, e.created_at, e.info
      FROM outbox_delivery d JOIN outbox_event e ON e.event_id = d.event_id
      """;
  private static final String THIS_ONE =
      " WHERE event_id = :event AND url = :url AND api_key = :key";

  @Override
  public List<Backlog> backlog() {
    return db.read(
        "read what webhooks wait",
        handle ->
            handle
                .createQuery(
                    """
                    SELECT url, COUNT(*) AS waiting, MIN(next_at) AS next_at,
                      MIN(expires_at) AS expires_at
                    FROM outbox_delivery WHERE state = 0 GROUP BY url ORDER BY url
                    """)
                .map((row, context) ->
                    new Backlog(
                        row.getString("url"),
                        row.getLong("waiting"),
                        row.getLong("next_at"),
                        row.getLong("expires_at") - TRIED_FOR.toNanos()))
                .list());
  }

  @Override
  public List<Delivery> due(String url, long nowUnixNanos, int most) {
    return db.read(
        "read webhooks that are due",
        handle ->
            handle
                .createQuery(
                    COLUMNS
                        + """
                         WHERE d.state = 0 AND d.url = :url AND d.next_at <= :now
                           AND NOT EXISTS (SELECT 1 FROM outbox_delivery b
                             WHERE b.state = 0 AND b.egress_id = d.egress_id AND b.url = d.url
                               AND b.api_key = d.api_key AND b.sequence < d.sequence)
                         ORDER BY d.next_at, d.egress_id LIMIT :most
                        """)
                .bind("url", text(url))
                .bind("now", nowUnixNanos)
                .bind("most", most)
                .map((row, context) -> read(row))
                .list());
  }

  private static Delivery read(ResultSet row) throws SQLException {
    OutboxEvent event =
        new OutboxEvent(
            row.getString("event_id"),
            EventKind.of(row.getString("kind")),
            row.getInt("sequence"),
            row.getLong("created_at"),
            EgressRow.info(row));
    return new Delivery(
        event,
        new Target(row.getString("url"), row.getString("api_key")),
        Delivery.State.of(row.getInt("state")),
        row.getInt("attempts"),
        row.getLong("next_at"),
        row.getLong("expires_at"),
        row.getLong("ended_at"),
        row.getString("last_error"));
  }

  @Override
  public void delivered(Delivery.Key delivery) {
    execute(
        "store that event %s was delivered".formatted(delivery.eventId()),
        "UPDATE outbox_delivery SET state = 1, attempts = attempts + 1, ended_at = :now" + THIS_ONE,
        bound(delivery));
  }

  @Override
  public void failed(Delivery.Key delivery, String error, long nextAtUnixNanos) {
    Map<String, Object> values = bound(delivery);
    values.put("next", nextAtUnixNanos);
    values.put("error", text(error.substring(0, Math.min(error.length(), LONGEST_ERROR))));
    execute(
        "store that event %s was not delivered".formatted(delivery.eventId()),
        """
        UPDATE outbox_delivery SET attempts = attempts + 1, last_error = :error, next_at = :next,
          state = CASE WHEN :next < expires_at THEN 0 ELSE 2 END,
          ended_at = CASE WHEN :next < expires_at THEN 0 ELSE :now END
        """
            + THIS_ONE
            + " AND state = 0",
        values);
  }

  private Map<String, Object> bound(Delivery.Key delivery) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("event", delivery.eventId());
    values.put("url", text(delivery.target().url()));
    values.put("key", text(delivery.target().apiKey()));
    values.put("now", db.now());
    return values;
  }

  private int execute(String attempt, String sql, Map<String, Object> values) {
    return db.write(attempt, handle -> handle.createUpdate(sql).bindMap(values).execute());
  }

  @Override
  public void hurry(String url, long nowUnixNanos) {
    int _ =
        execute(
            "make webhooks due",
            "UPDATE outbox_delivery SET next_at = :now WHERE state = 0 AND url = :url AND next_at > :now",
            Map.of("url", text(url), "now", nowUnixNanos));
  }

  @Override
  public DeliveryPage list(DeliveryQuery query) {
    StringBuilder where = new StringBuilder(" WHERE 1 = 1");
    Map<String, Object> values = new LinkedHashMap<>();
    if (!query.egressId().isEmpty()) {
      where.append(" AND d.egress_id = :egress");
      values.put("egress", text(query.egressId()));
    }
    if (!query.url().isEmpty()) {
      where.append(" AND d.url = :url");
      values.put("url", text(query.url()));
    }
    query
        .state()
        .ifPresent(state -> {
          where.append(" AND d.state = :state");
          values.put("state", state.number());
        });
    if (!query.pageToken().isEmpty()) {
      where.append(
          " AND (e.created_at, d.event_id, d.api_key, d.url) < (:at, :event, :key, :afterUrl)");
      values.putAll(DeliveryToken.parse(query.pageToken()));
    }
    String sql =
        COLUMNS
            + where
            + " ORDER BY e.created_at DESC, d.event_id DESC, d.api_key DESC, d.url DESC LIMIT :rows";
    List<Delivery> rows =
        db.read(
            "list webhooks",
            handle -> {
              try (Query select =
                  handle.createQuery(sql).bindMap(values).bind("rows", query.limit() + 1)) {
                return select.map((row, context) -> read(row)).list();
              }
            });
    if (rows.size() <= query.limit()) {
      return new DeliveryPage(rows, Optional.empty());
    }
    List<Delivery> page = rows.subList(0, query.limit());
    return new DeliveryPage(page, Optional.of(DeliveryToken.text(page.getLast())));
  }

  @Override
  public int redeliver(String eventId) {
    long now = db.now();
    return execute(
        "redeliver event " + eventId,
        """
        UPDATE outbox_delivery SET state = 0, next_at = :now, expires_at = :expires, ended_at = 0
        WHERE event_id = :event
        """,
        Map.of("event", text(eventId), "now", now, "expires", now + TRIED_FOR.toNanos()));
  }
}
