package io.spillway.store.sql;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import io.spillway.store.TimelineEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;

/** A row of table egress, and how rows become values. */
record EgressRow(StoredEgress egress, String roomName, long revision) {
  /** The columns that {@link #read} wants. */
  static final String COLUMNS =
      "egress_id, room_name, epoch, sequence, node, created_at, revision, info, sealed_request";

  static EgressRow read(ResultSet row) throws SQLException {
    StoredEgress egress =
        new StoredEgress(
            info(row),
            row.getInt("epoch"),
            row.getLong("sequence"),
            row.getString("node"),
            row.getLong("created_at"),
            ByteString.copyFrom(row.getBytes("sealed_request")));
    return new EgressRow(egress, row.getString("room_name"), row.getLong("revision"));
  }

  static TimelineEntry readStep(ResultSet row) throws SQLException {
    EgressStatus status = EgressStatus.forNumber(row.getInt("status"));
    return new TimelineEntry(
        row.getLong("at"),
        status == null ? EgressStatus.UNRECOGNIZED : status,
        row.getInt("epoch"),
        row.getString("node"),
        row.getString("reason"));
  }

  private static EgressInfo info(ResultSet row) throws SQLException {
    try {
      return EgressInfo.parseFrom(row.getBytes("info"));
    } catch (InvalidProtocolBufferException damaged) {
      throw new StoreException(
          "the stored EgressInfo of " + row.getString("egress_id") + " can't be read", damaged);
    }
  }

  /** Whether an update is worth a line in the timeline. */
  static boolean isStep(StoredEgress before, StatusUpdate update) {
    return before.info().getStatusValue() != update.info().getStatusValue()
        || before.epoch() != update.epoch()
        || !before.node().equals(update.node())
        || !update.reason().isEmpty();
  }

  /** Writes a line of the timeline, behind the write of its row. */
  static void addStep(
      long now,
      Handle handle,
      EgressInfo info,
      long revision,
      int epoch,
      String node,
      String reason) {
    handle
        .createUpdate(
            """
            INSERT INTO egress_timeline (egress_id, revision, at, status, epoch, node, reason)
            VALUES (:id, :revision, :at, :status, :epoch, :node, :reason)
            """)
        .bind("id", info.getEgressId())
        .bind("revision", revision)
        .bind("at", now)
        .bind("status", info.getStatusValue())
        .bind("epoch", epoch)
        .bind("node", text(node))
        .bind("reason", text(reason))
        .execute();
  }

  /** PostgreSQL's TEXT can't hold NUL, which a room name may: SQLite gets the same text. */
  static String text(String any) {
    return any.replace('\0', '\uFFFD');
  }
}
