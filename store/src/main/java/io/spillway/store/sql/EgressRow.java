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
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * A row of table egress, and how rows become values.
 *
 * @param earlier the files of recorders that the egress was taken from, and nothing else
 */
record EgressRow(
    StoredEgress egress,
    String roomName,
    String kind,
    long revision,
    int events,
    EgressInfo earlier) {
  /** The columns that {@link #read} wants. */
  static final String COLUMNS =
      "egress_id, room_name, kind, epoch, sequence, node, region, created_at, updated_at, revision,"
          + " events, dispatcher, info, earlier, sealed_request";

  static EgressRow read(ResultSet row) throws SQLException {
    StoredEgress egress =
        new StoredEgress(
            info(row, "info"),
            row.getInt("epoch"),
            row.getLong("sequence"),
            row.getString("node"),
            row.getString("region"),
            row.getLong("created_at"),
            row.getLong("updated_at"),
            row.getString("dispatcher"),
            ByteString.copyFrom(row.getBytes("sealed_request")));
    return new EgressRow(
        egress,
        row.getString("room_name"),
        row.getString("kind"),
        row.getLong("revision"),
        row.getInt("events"),
        info(row, "earlier"));
  }

  static Optional<EgressRow> find(Handle handle, String egressId) {
    return handle
        .createQuery("SELECT " + COLUMNS + " FROM egress WHERE egress_id = :id")
        .bind("id", text(egressId))
        .map((row, context) -> read(row))
        .findOne();
  }

  static TimelineEntry readStep(ResultSet row) throws SQLException {
    return new TimelineEntry(
        row.getLong("at"),
        status(row.getInt("status")),
        row.getInt("epoch"),
        row.getString("node"),
        row.getString("reason"));
  }

  private static EgressStatus status(int number) {
    EgressStatus status = EgressStatus.forNumber(number);
    return status == null ? EgressStatus.UNRECOGNIZED : status;
  }

  /** The EgressInfo in column info, of a row that has the egress's id as well. */
  static EgressInfo info(ResultSet row) throws SQLException {
    return info(row, "info");
  }

  private static EgressInfo info(ResultSet row, String column) throws SQLException {
    try {
      return EgressInfo.parseFrom(row.getBytes(column));
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

  /** PostgreSQL's TEXT can't hold NUL, which a room name may: SQLite gets the same text. */
  static String text(String any) {
    return any.replace('\0', '\uFFFD');
  }
}
