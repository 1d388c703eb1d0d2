package io.spillway.store.sql;

import static io.spillway.store.sql.EgressRow.text;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.store.Applied;
import io.spillway.store.ControllerStore;
import io.spillway.store.DuplicateEgressException;
import io.spillway.store.HistoryPage;
import io.spillway.store.HistoryQuery;
import io.spillway.store.ListQuery;
import io.spillway.store.NewEgress;
import io.spillway.store.Page;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoredEgress;
import io.spillway.store.TimelineEntry;
import io.spillway.store.fleet.DispatchClaim;
import io.spillway.store.fleet.LeaseBook;
import io.spillway.store.fleet.NodeBook;
import io.spillway.store.keys.StartKeys;
import io.spillway.store.outbox.EventRouter;
import io.spillway.store.outbox.Outbox;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** The store over SQL that both databases speak; what each write does is {@link EgressWrites}. */
final class SqlEgressStore implements ControllerStore {
  private final Db db;
  private final EventRouter router;
  private final boolean shared;
  private final EgressWrites writes;
  private final Runnable release;
  private final NodeBook nodes;
  private final LeaseBook leases;
  private final Outbox outbox;
  private final StartKeys startKeys;
  private final Map<Applied, LongAdder> counts = new EnumMap<>(Applied.class);

  /** {@code release} closes what was opened for this store: pools, lock. */
  SqlEgressStore(Db db, EventRouter router, boolean shared, Runnable release) {
    this.db = db;
    this.router = router;
    this.shared = shared;
    this.writes = new EgressWrites(new EventWrites(router, db.time()), db.time());
    this.release = release;
    this.nodes = new SqlNodeBook(db);
    this.leases = new SqlLeaseBook(db);
    this.outbox = new SqlOutbox(db);
    this.startKeys = new SqlStartKeys(db);
    for (Applied kind : Applied.values()) {
      counts.put(kind, new LongAdder());
    }
  }

  @Override
  public void create(NewEgress egress) {
    String id = egress.info().getEgressId();
    int rows = db.write("store the new egress " + id, handle -> writes.insert(handle, egress));
    if (rows == 0) {
      throw new DuplicateEgressException(id);
    }
  }

  @Override
  public Applied apply(StatusUpdate update) {
    Applied applied =
        db.writeSeen(
            "store a status of egress " + update.info().getEgressId(),
            handle -> writes.apply(handle, update));
    counts.getOrDefault(applied, new LongAdder()).increment();
    if (applied == Applied.ACCEPTED) {
      router.stored();
    }
    return applied;
  }

  @Override
  public int fence(String egressId, String reason) {
    return db.writeSeen(
        "fence egress " + egressId, handle -> writes.fence(handle, egressId, reason));
  }

  @Override
  public Optional<Integer> fenceFrom(String egressId, int epoch, String dispatcher, String reason) {
    int moved =
        db.writeSeen(
            "fence egress " + egressId,
            handle -> writes.fenceFrom(handle, egressId, epoch, dispatcher, reason));
    return moved == 0 ? Optional.empty() : Optional.of(moved);
  }

  @Override
  public Optional<Integer> fenceUntaken(
      String egressId, int epoch, String dispatcher, String reason) {
    int moved =
        db.writeSeen(
            "fence egress " + egressId,
            handle -> writes.fenceUntaken(handle, egressId, epoch, dispatcher, reason));
    return moved == 0 ? Optional.empty() : Optional.of(moved);
  }

  @Override
  public Optional<Integer> handTo(
      StoredEgress seen, int above, String node, String region, String reason) {
    int moved =
        db.writeSeen(
            "hand egress " + seen.info().getEgressId() + " to node " + node,
            handle -> writes.handTo(handle, seen, above, node, region, reason));
    return moved == 0 ? Optional.empty() : Optional.of(moved);
  }

  @Override
  public boolean discardUntaken(String egressId, int epoch) {
    return db.write(
            "discard egress " + egressId,
            handle ->
                handle
                    .createUpdate(
                        """
                        DELETE FROM egress WHERE egress_id = :id AND epoch = :epoch
                          AND sequence = 0 AND events = 0 AND status = 0
                        """)
                    .bind("id", text(egressId))
                    .bind("epoch", epoch)
                    .execute())
        > 0;
  }

  @Override
  public List<DispatchClaim> dispatchClaims() {
    return db.read(
        "list dispatches",
        handle ->
            handle
                .createQuery(
                    """
                    SELECT egress_id, epoch, dispatcher, claim, claimed_at FROM egress
                    WHERE dispatcher <> '' ORDER BY claimed_at, egress_id
                    """)
                .map((row, context) ->
                    new DispatchClaim(
                        row.getString("egress_id"),
                        row.getInt("epoch"),
                        row.getString("dispatcher"),
                        row.getLong("claim"),
                        row.getLong("claimed_at")))
                .list());
  }

  @Override
  public Optional<DispatchClaim> takeOver(DispatchClaim seen, String dispatcher) {
    long now = db.now();
    int rows =
        db.write(
            "take over the dispatch of " + seen.egressId(),
            handle ->
                handle
                    .createUpdate(
                        """
                        UPDATE egress SET dispatcher = :mine, claim = claim + 1, claimed_at = :now,
                          revision = revision + 1
                        WHERE egress_id = :id AND dispatcher = :dispatcher AND claim = :claim
                          AND epoch = :epoch
                        """)
                    .bind("mine", text(dispatcher))
                    .bind("now", now)
                    .bind("id", text(seen.egressId()))
                    .bind("dispatcher", text(seen.dispatcher()))
                    .bind("claim", seen.claim())
                    .bind("epoch", seen.epoch())
                    .execute());
    return rows == 0
        ? Optional.empty()
        : Optional.of(
            new DispatchClaim(seen.egressId(), seen.epoch(), dispatcher, seen.claim() + 1, now));
  }

  @Override
  public int forgetEnded(long beforeUnixNanos, int most) {
    return db.write(
        "remove old egresses",
        handle ->
            handle
                .createUpdate(
                    """
                    DELETE FROM egress WHERE egress_id IN (
                      SELECT e.egress_id FROM egress e WHERE e.status > 2 AND e.updated_at < :before
                        AND NOT EXISTS (SELECT 1 FROM outbox_delivery d
                          WHERE d.egress_id = e.egress_id AND d.state = 0)
                      ORDER BY e.updated_at LIMIT :most)
                    """)
                .bind("before", beforeUnixNanos)
                .bind("most", most)
                .execute());
  }

  @Override
  public Optional<StoredEgress> find(String egressId) {
    return db.read("find egress " + egressId, handle -> EgressRow.find(handle, egressId))
        .map(EgressRow::egress);
  }

  @Override
  public Page list(ListQuery query) {
    HistoryPage page =
        page(db.read("list egresses", handle -> ListSql.of(query).run(handle)), query.limit());
    List<EgressInfo> infos = page.egresses().stream().map(StoredEgress::info).toList();
    return new Page(infos, page.nextToken());
  }

  @Override
  public HistoryPage search(HistoryQuery query) {
    return page(db.read("search egresses", handle -> ListSql.of(query).run(handle)), query.limit());
  }

  private static HistoryPage page(List<EgressRow> rows, int limit) {
    List<StoredEgress> found = rows.stream().limit(limit).map(EgressRow::egress).toList();
    if (rows.size() <= limit) {
      return new HistoryPage(found, Optional.empty());
    }
    StoredEgress last = found.getLast();
    PageToken next = new PageToken(last.createdAtNanos(), last.info().getEgressId());
    return new HistoryPage(found, Optional.of(next.text()));
  }

  @Override
  public List<StoredEgress> unfinished() {
    String sql =
        "SELECT "
            + EgressRow.COLUMNS
            + " FROM egress WHERE status IN (0, 1, 2) ORDER BY created_at, egress_id";
    return db.read(
        "list unfinished egresses",
        handle ->
            handle.createQuery(sql).map((row, context) -> EgressRow.read(row).egress()).list());
  }

  @Override
  public List<TimelineEntry> timeline(String egressId) {
    String sql =
        "SELECT at, status, epoch, node, reason FROM egress_timeline WHERE egress_id = :id ORDER BY revision";
    return db.read(
        "read the timeline of egress " + egressId,
        handle ->
            handle
                .createQuery(sql)
                .bind("id", text(egressId))
                .map((row, context) -> EgressRow.readStep(row))
                .list());
  }

  @Override
  public boolean isShared() {
    return shared;
  }

  @Override
  public NodeBook nodes() {
    return nodes;
  }

  @Override
  public LeaseBook leases() {
    return leases;
  }

  @Override
  public Outbox outbox() {
    return outbox;
  }

  @Override
  public StartKeys startKeys() {
    return startKeys;
  }

  @Override
  public Map<Applied, Long> counts() {
    Map<Applied, Long> now = new EnumMap<>(Applied.class);
    counts.forEach((kind, count) -> now.put(kind, count.sum()));
    return Collections.unmodifiableMap(now);
  }

  @Override
  public void close() {
    db.writer().close();
    release.run();
  }
}
