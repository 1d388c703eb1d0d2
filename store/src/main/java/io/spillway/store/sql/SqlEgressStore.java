package io.spillway.store.sql;

import static io.spillway.store.sql.EgressRow.text;

import com.google.protobuf.ByteString;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.store.Applied;
import io.spillway.store.DuplicateEgressException;
import io.spillway.store.EgressStore;
import io.spillway.store.ListQuery;
import io.spillway.store.NewEgress;
import io.spillway.store.Page;
import io.spillway.store.StatusOrder;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import io.spillway.store.TimelineEntry;
import io.spillway.store.UnknownEgressException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Query;

/**
 * The store over SQL that both databases speak. Reads take a pooled connection, writes go through
 * the {@link Writer}. A write reads the row, decides with {@link StatusOrder}, and changes it only
 * if its revision is still the one read; if not, it reads again. So PostgreSQL needs no row locks
 * across statements, and SQLite's single writer passes at the first try.
 */
final class SqlEgressStore implements EgressStore {
  private static final int MOST_TRIES = 20;

  private final Jdbi reader;
  private final Reconnect reconnect;
  private final Writer writer;
  private final TimeSource time;
  private final Runnable release;
  private final Map<Applied, LongAdder> counts = new EnumMap<>(Applied.class);

  /** {@code release} closes what was opened for this store: pools, lock. */
  SqlEgressStore(
      Jdbi reader, Reconnect reconnect, Writer writer, TimeSource time, Runnable release) {
    this.reader = reader;
    this.reconnect = reconnect;
    this.writer = writer;
    this.time = time;
    this.release = release;
    for (Applied kind : Applied.values()) {
      counts.put(kind, new LongAdder());
    }
  }

  @Override
  public void create(NewEgress egress) {
    String id = egress.info().getEgressId();
    int rows = writer.write("store the new egress " + id, handle -> insert(handle, egress));
    if (rows == 0) {
      throw new DuplicateEgressException(id);
    }
  }

  private int insert(Handle handle, NewEgress egress) {
    EgressInfo info = egress.info();
    long now = time.unixNanos();
    int rows =
        handle
            .createUpdate(
                """
                INSERT INTO egress (egress_id, room_name, status, epoch, sequence, node, created_at,
                  updated_at, revision, info, sealed_request)
                VALUES (:id, :room, :status, 1, 0, '', :now, :now, 1, :info, :sealed)
                ON CONFLICT (egress_id) DO NOTHING
                """)
            .bind("id", info.getEgressId())
            .bind("room", text(info.getRoomName()))
            .bind("status", info.getStatusValue())
            .bind("now", now)
            .bind("info", info.toByteArray())
            .bind("sealed", egress.sealedRequest().toByteArray())
            .execute();
    if (rows == 1) {
      EgressRow.addStep(time.unixNanos(), handle, info, 1, 1, "", "created");
    }
    return rows;
  }

  @Override
  public Applied apply(StatusUpdate update) {
    String attempt = "store a status of egress " + update.info().getEgressId();
    Applied applied =
        writer.write(attempt, handle -> retrying(attempt, () -> tryApply(handle, update)));
    counts.getOrDefault(applied, new LongAdder()).increment();
    return applied;
  }

  /** Empty when somebody else changed the row between our reading and writing. */
  private Optional<Applied> tryApply(Handle handle, StatusUpdate update) {
    EgressInfo info = update.info();
    Optional<EgressRow> found = row(handle, info.getEgressId());
    if (found.isEmpty()) {
      return Optional.of(Applied.UNKNOWN_EGRESS);
    }
    EgressRow row = found.get();
    StoredEgress stored = row.egress();
    Applied verdict =
        StatusOrder.judge(stored.info().getStatus(), stored.epoch(), stored.sequence(), update);
    if (verdict != Applied.ACCEPTED) {
      return Optional.of(verdict);
    }
    String room = info.getRoomName().isEmpty() ? row.roomName() : info.getRoomName();
    int rows =
        handle
            .createUpdate(
                """
                UPDATE egress SET room_name = :room, status = :status, epoch = :epoch,
                  sequence = :sequence, node = :node, updated_at = :now, info = :info,
                  sealed_request = :sealed, revision = revision + 1
                WHERE egress_id = :id AND revision = :revision
                """)
            .bind("id", info.getEgressId())
            .bind("revision", row.revision())
            .bind("room", text(room))
            .bind("status", info.getStatusValue())
            .bind("epoch", update.epoch())
            .bind("sequence", update.sequence())
            .bind("node", text(update.node()))
            .bind("now", time.unixNanos())
            .bind("info", info.toByteArray())
            .bind("sealed", sealedAfter(stored, update).toByteArray())
            .execute();
    if (rows == 0) {
      return Optional.empty();
    }
    if (EgressRow.isStep(stored, update)) {
      EgressRow.addStep(
          time.unixNanos(),
          handle,
          info,
          row.revision() + 1,
          update.epoch(),
          update.node(),
          update.reason());
    }
    return Optional.of(Applied.ACCEPTED);
  }

  private static ByteString sealedAfter(StoredEgress stored, StatusUpdate update) {
    return StatusOrder.isFinal(update.info().getStatus())
        ? ByteString.EMPTY
        : stored.sealedRequest();
  }

  @Override
  public int fence(String egressId, String reason) {
    String attempt = "fence egress " + egressId;
    return writer.write(
        attempt, handle -> retrying(attempt, () -> tryFence(handle, egressId, reason)));
  }

  private Optional<Integer> tryFence(Handle handle, String egressId, String reason) {
    EgressRow row =
        row(handle, egressId).orElseThrow(() -> new UnknownEgressException(egressId, "fence"));
    int epoch = row.egress().epoch() + 1;
    int rows =
        handle
            .createUpdate(
                """
                UPDATE egress SET epoch = :epoch, sequence = 0, node = '', updated_at = :now,
                  revision = revision + 1
                WHERE egress_id = :id AND revision = :revision
                """)
            .bind("id", egressId)
            .bind("revision", row.revision())
            .bind("epoch", epoch)
            .bind("now", time.unixNanos())
            .execute();
    if (rows == 0) {
      return Optional.empty();
    }
    EgressRow.addStep(
        time.unixNanos(), handle, row.egress().info(), row.revision() + 1, epoch, "", reason);
    return Optional.of(epoch);
  }

  private static <T> T retrying(String attempt, Supplier<Optional<T>> once) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      Optional<T> done = once.get();
      if (done.isPresent()) {
        return done.get();
      }
    }
    throw new StoreException(
        "could not %s: its row changed under each of %d tries".formatted(attempt, MOST_TRIES));
  }

  @Override
  public int forgetEnded(long beforeUnixNanos, int most) {
    return writer.write(
        "remove old egresses",
        handle ->
            handle
                .createUpdate(
                    """
                    DELETE FROM egress WHERE egress_id IN (
                      SELECT egress_id FROM egress WHERE status > 2 AND updated_at < :before
                      ORDER BY updated_at LIMIT :most)
                    """)
                .bind("before", beforeUnixNanos)
                .bind("most", most)
                .execute());
  }

  @Override
  public Optional<StoredEgress> find(String egressId) {
    return read("find egress " + egressId, handle -> row(handle, egressId)).map(EgressRow::egress);
  }

  private static Optional<EgressRow> row(Handle handle, String egressId) {
    return handle
        .createQuery("SELECT " + EgressRow.COLUMNS + " FROM egress WHERE egress_id = :id")
        .bind("id", text(egressId))
        .map((row, context) -> EgressRow.read(row))
        .findOne();
  }

  @Override
  public Page list(ListQuery query) {
    List<EgressRow> rows =
        read(
            "list egresses",
            handle -> {
              try (Query select = ListSql.of(query).prepare(handle)) {
                return select.map((row, context) -> EgressRow.read(row)).list();
              }
            });
    if (rows.size() <= query.limit()) {
      return new Page(infos(rows), Optional.empty());
    }
    List<EgressRow> page = rows.subList(0, query.limit());
    EgressRow last = page.getLast();
    PageToken next =
        new PageToken(last.egress().createdAtNanos(), last.egress().info().getEgressId());
    return new Page(infos(page), Optional.of(next.text()));
  }

  private static List<EgressInfo> infos(List<EgressRow> rows) {
    return rows.stream().map(row -> row.egress().info()).toList();
  }

  @Override
  public List<StoredEgress> unfinished() {
    String sql =
        "SELECT "
            + EgressRow.COLUMNS
            + " FROM egress WHERE status IN (0, 1, 2) ORDER BY created_at, egress_id";
    return read(
        "list unfinished egresses",
        handle ->
            handle.createQuery(sql).map((row, context) -> EgressRow.read(row).egress()).list());
  }

  @Override
  public List<TimelineEntry> timeline(String egressId) {
    String sql =
        "SELECT at, status, epoch, node, reason FROM egress_timeline WHERE egress_id = :id ORDER BY revision";
    return read(
        "read the timeline of egress " + egressId,
        handle ->
            handle
                .createQuery(sql)
                .bind("id", text(egressId))
                .map((row, context) -> EgressRow.readStep(row))
                .list());
  }

  private <T> T read(String attempt, Function<Handle, T> work) {
    try {
      return reconnect.call(() -> reader.withHandle(work::apply));
    } catch (JdbiException failure) {
      throw new StoreException("could not " + attempt + ": " + failure.getMessage(), failure);
    }
  }

  @Override
  public Map<Applied, Long> counts() {
    Map<Applied, Long> now = new EnumMap<>(Applied.class);
    counts.forEach((kind, count) -> now.put(kind, count.sum()));
    return Collections.unmodifiableMap(now);
  }

  @Override
  public void close() {
    writer.close();
    release.run();
  }
}
