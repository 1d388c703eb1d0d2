package io.spillway.store.sql;

import static io.spillway.store.sql.EgressRow.text;

import com.google.protobuf.ByteString;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.store.Applied;
import io.spillway.store.NewEgress;
import io.spillway.store.StatusOrder;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoredEgress;
import io.spillway.store.UnknownEgressException;
import io.spillway.store.outbox.EventKind;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Each change of an egress with its line in the timeline and its events, on the handle of one
 * transaction. A row is changed only if its revision is still the one that was read; empty results
 * say that it wasn't. So PostgreSQL needs no row locks across statements. (Over 300 lines: every
 * way in which a row of table egress may change stands here.)
 */
record EgressWrites(EventWrites events, TimeSource time) {
  /** How many rows were written: 0 when the id is there already. */
  int insert(Handle handle, NewEgress egress) {
    EgressInfo info = egress.info();
    long now = time.unixNanos();
    int rows =
        handle
            .createUpdate(
                """
                INSERT INTO egress (egress_id, room_name, kind, status, epoch, sequence, node,
                  region, created_at, updated_at, revision, search, dispatcher, claim, claimed_at,
                  info, sealed_request)
                VALUES (:id, :room, :kind, :status, 1, 0, '', :region, :now, :now, 1, :search,
                  :dispatcher, :claim, :claimedAt, :info, :sealed)
                ON CONFLICT (egress_id) DO NOTHING
                """)
            .bind("id", text(info.getEgressId()))
            .bind("room", text(info.getRoomName()))
            .bind("kind", SearchText.kind(info))
            .bind("status", info.getStatusValue())
            .bind("now", now)
            .bind("search", SearchText.of(info))
            .bind("region", text(egress.region()))
            .bind("dispatcher", text(egress.dispatcher()))
            .bind("claim", egress.dispatcher().isEmpty() ? 0 : 1)
            .bind("claimedAt", egress.dispatcher().isEmpty() ? 0 : now)
            .bind("info", info.toByteArray())
            .bind("sealed", egress.sealedRequest().toByteArray())
            .execute();
    if (rows == 1) {
      addStep(handle, info, 1, 1, "", "created");
    }
    return rows;
  }

  Optional<Applied> apply(Handle handle, StatusUpdate update) {
    Optional<EgressRow> found = EgressRow.find(handle, update.info().getEgressId());
    if (found.isEmpty()) {
      return Optional.of(Applied.UNKNOWN_EGRESS);
    }
    EgressRow row = found.get();
    StoredEgress stored = row.egress();
    if (StatusOrder.isTaken(stored.node(), stored.epoch(), stored.sequence(), update)) {
      return Optional.of(Applied.OLD_EPOCH);
    }
    Applied verdict =
        StatusOrder.judge(stored.info().getStatus(), stored.epoch(), stored.sequence(), update);
    Optional<EgressInfo> late = late(stored, update, verdict);
    if (late.isPresent()) {
      return addLate(handle, row, late.get(), update)
          ? Optional.of(Applied.ACCEPTED)
          : Optional.empty();
    }
    if (verdict == Applied.BACKWARD && isSuccessor(stored, update)) {
      return adopt(handle, row, update) ? Optional.of(Applied.ACCEPTED) : Optional.empty();
    }
    if (verdict != Applied.ACCEPTED) {
      return Optional.of(verdict);
    }
    return replace(handle, row, update) ? Optional.of(Applied.ACCEPTED) : Optional.empty();
  }

  /** The stored egress with the files of a recorder whose time is over, if they are new. */
  private static Optional<EgressInfo> late(
      StoredEgress stored, StatusUpdate update, Applied verdict) {
    boolean isOver =
        StatusOrder.isFinal(stored.info().getStatus()) || update.epoch() < stored.epoch();
    return verdict != Applied.ACCEPTED && isOver && StatusOrder.isFinal(update.info().getStatus())
        ? FileResults.late(stored.info(), update.info())
        : Optional.empty();
  }

  /** Lists files that come late: the status, and who has the egress, stay as they are. */
  private boolean addLate(Handle handle, EgressRow row, EgressInfo info, StatusUpdate update) {
    boolean ended = StatusOrder.isFinal(info.getStatus());
    List<EventKind> kinds = ended ? List.of(EventKind.UPDATED) : List.of();
    int rows =
        handle
            .createUpdate(
                """
                UPDATE egress SET info = :info, earlier = :earlier, search = :search,
                  events = :events, updated_at = :updated, revision = revision + 1
                WHERE egress_id = :id AND revision = :revision
                """)
            .bind("id", text(info.getEgressId()))
            .bind("revision", row.revision())
            .bind("info", info.toByteArray())
            .bind("earlier", FileResults.kept(row.earlier(), update.info()).toByteArray())
            .bind("search", SearchText.of(info))
            .bind("events", row.events() + kinds.size())
            .bind("updated", ended ? time.unixNanos() : row.egress().updatedAtNanos())
            .execute();
    if (rows == 1) {
      addStep(
          handle,
          info,
          row.revision() + 1,
          row.egress().epoch(),
          update.node(),
          "a part of an earlier recorder is listed late");
      events.add(handle, kinds, row.events(), info);
    }
    return rows == 1;
  }

  private boolean replace(Handle handle, EgressRow row, StatusUpdate update) {
    StoredEgress stored = row.egress();
    EgressInfo info = FileResults.with(stored, row.earlier(), update);
    List<EventKind> kinds = EventKind.of(row.events(), info.getStatus());
    String kind = SearchText.kind(info);
    int rows =
        handle
            .createUpdate(
                """
                UPDATE egress SET room_name = :room, kind = :kind, status = :status, epoch = :epoch,
                  sequence = :sequence, node = :node, region = :region, updated_at = :now,
                  search = :search, events = :events, dispatcher = '', info = :info,
                  sealed_request = :sealed, revision = revision + 1
                WHERE egress_id = :id AND revision = :revision
                """)
            .bind("id", text(info.getEgressId()))
            .bind("revision", row.revision())
            .bind("room", text(info.getRoomName().isEmpty() ? row.roomName() : info.getRoomName()))
            .bind("kind", kind.isEmpty() ? row.kind() : kind)
            .bind("status", info.getStatusValue())
            .bind("epoch", update.epoch())
            .bind("sequence", update.sequence())
            .bind("node", text(update.node()))
            .bind("region", regionAfter(stored, update))
            .bind("now", time.unixNanos())
            .bind("search", SearchText.of(info))
            .bind("events", row.events() + kinds.size())
            .bind("info", info.toByteArray())
            .bind("sealed", sealedAfter(stored, update).toByteArray())
            .execute();
    if (rows == 0) {
      return false;
    }
    if (EgressRow.isStep(stored, update)) {
      addStep(handle, info, row.revision() + 1, update.epoch(), update.node(), update.reason());
    }
    events.add(handle, kinds, row.events(), info);
    return true;
  }

  /**
   * Whether this is the first that is heard of a recorder which begins anew under a later epoch. To
   * the world the egress goes on: its status stays, but it is known who has it.
   */
  private static boolean isSuccessor(StoredEgress stored, StatusUpdate update) {
    return update.epoch() > stored.epoch()
        || (update.epoch() == stored.epoch() && stored.epoch() > 1 && stored.sequence() == 0);
  }

  private boolean adopt(Handle handle, EgressRow row, StatusUpdate update) {
    EgressInfo info = row.egress().info();
    int rows =
        handle
            .createUpdate(
                """
                UPDATE egress SET epoch = :epoch, sequence = :sequence, node = :node,
                  region = :region, updated_at = :now, dispatcher = '', revision = revision + 1
                WHERE egress_id = :id AND revision = :revision
                """)
            .bind("id", text(info.getEgressId()))
            .bind("revision", row.revision())
            .bind("epoch", update.epoch())
            .bind("sequence", update.sequence())
            .bind("node", text(update.node()))
            .bind("region", regionAfter(row.egress(), update))
            .bind("now", time.unixNanos())
            .execute();
    if (rows == 1) {
      String reason = update.reason().isEmpty() ? "a new recorder begins" : update.reason();
      addStep(handle, info, row.revision() + 1, update.epoch(), update.node(), reason);
    }
    return rows == 1;
  }

  private static String regionAfter(StoredEgress stored, StatusUpdate update) {
    return text(update.region().isEmpty() ? stored.region() : update.region());
  }

  private static ByteString sealedAfter(StoredEgress stored, StatusUpdate update) {
    return StatusOrder.isFinal(update.info().getStatus())
        ? ByteString.EMPTY
        : stored.sealedRequest();
  }

  /** The new epoch, whatever the present one is. */
  Optional<Integer> fence(Handle handle, String egressId, String reason) {
    EgressRow row =
        EgressRow.find(handle, egressId)
            .orElseThrow(() -> new UnknownEgressException(egressId, "fence"));
    return moveEpoch(handle, row, "", reason);
  }

  /** The new epoch, or 0 when the egress has moved on since it was seen. */
  Optional<Integer> fenceFrom(
      Handle handle, String egressId, int epoch, String dispatcher, String reason) {
    Optional<EgressRow> row = unfinished(handle, egressId, epoch);
    return row.isEmpty() ? Optional.of(0) : moveEpoch(handle, row.get(), dispatcher, reason);
  }

  /** The same, but 0 also when a node has reported the egress under this epoch. */
  Optional<Integer> fenceUntaken(
      Handle handle, String egressId, int epoch, String dispatcher, String reason) {
    Optional<EgressRow> row =
        unfinished(handle, egressId, epoch).filter(found -> found.egress().sequence() == 0);
    return row.isEmpty() ? Optional.of(0) : moveEpoch(handle, row.get(), dispatcher, reason);
  }

  /** The new epoch, or 0 when the egress has moved on since it was seen. */
  Optional<Integer> handTo(
      Handle handle, StoredEgress seen, int above, String node, String region, String reason) {
    String id = seen.info().getEgressId();
    Optional<EgressRow> row =
        unfinished(handle, id, seen.epoch())
            .filter(found -> found.egress().node().equals(seen.node()))
            .filter(found -> found.egress().dispatcher().equals(seen.dispatcher()));
    if (row.isEmpty()) {
      return Optional.of(0);
    }
    int epoch = Math.max(seen.epoch(), above) + 1;
    int rows =
        handle
            .createUpdate(
                """
                UPDATE egress SET epoch = :epoch, sequence = 1, node = :node, region = :region,
                  updated_at = :now, dispatcher = '', revision = revision + 1
                WHERE egress_id = :id AND revision = :revision
                """)
            .bind("id", text(id))
            .bind("revision", row.get().revision())
            .bind("epoch", epoch)
            .bind("node", text(node))
            .bind("region", text(region.isEmpty() ? seen.region() : region))
            .bind("now", time.unixNanos())
            .execute();
    if (rows == 0) {
      return Optional.empty();
    }
    addStep(handle, row.get().egress().info(), row.get().revision() + 1, epoch, node, reason);
    return Optional.of(epoch);
  }

  private static Optional<EgressRow> unfinished(Handle handle, String egressId, int epoch) {
    return EgressRow.find(handle, egressId)
        .filter(found -> found.egress().epoch() == epoch)
        .filter(found -> !StatusOrder.isFinal(found.egress().info().getStatus()));
  }

  private Optional<Integer> moveEpoch(
      Handle handle, EgressRow row, String dispatcher, String reason) {
    EgressInfo info = row.egress().info();
    int epoch = row.egress().epoch() + 1;
    long now = time.unixNanos();
    int rows =
        handle
            .createUpdate(
                """
                UPDATE egress SET epoch = :epoch, sequence = 0, node = '', updated_at = :now,
                  dispatcher = :dispatcher, claim = claim + 1, claimed_at = :now,
                  earlier = :earlier, revision = revision + 1
                WHERE egress_id = :id AND revision = :revision
                """)
            .bind("id", text(info.getEgressId()))
            .bind("revision", row.revision())
            .bind("epoch", epoch)
            .bind("earlier", FileResults.kept(row.earlier(), info).toByteArray())
            .bind("dispatcher", text(dispatcher))
            .bind("now", now)
            .execute();
    if (rows == 0) {
      return Optional.empty();
    }
    addStep(handle, info, row.revision() + 1, epoch, "", reason);
    return Optional.of(epoch);
  }

  private void addStep(
      Handle handle, EgressInfo info, long revision, int epoch, String node, String reason) {
    handle
        .createUpdate(
            """
            INSERT INTO egress_timeline (egress_id, revision, at, status, epoch, node, reason)
            VALUES (:id, :revision, :at, :status, :epoch, :node, :reason)
            """)
        .bind("id", text(info.getEgressId()))
        .bind("revision", revision)
        .bind("at", time.unixNanos())
        .bind("status", info.getStatusValue())
        .bind("epoch", epoch)
        .bind("node", text(node))
        .bind("reason", text(reason))
        .execute();
  }
}
