package io.spillway.bench.meter;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Reads statuses out of the node's database file, beside the node: asking its API every two
 * milliseconds would be work that the node is then measured by. Not thread-safe.
 */
public final class StoredStatus implements AutoCloseable {
  /** Statuses as they are stored: LiveKit's EgressStatus numbers. */
  public static final int ACTIVE = 1;

  /** Statuses from here on are final. */
  public static final int FIRST_FINAL = 3;

  private final Connection connection;
  private final PreparedStatement one;
  private final PreparedStatement all;

  /** Egresses that have not ended. */
  public record Unfinished(int all, int active) {}

  /** Opens {@code database} for reading. */
  public StoredStatus(Path database) {
    try {
      connection = DriverManager.getConnection("jdbc:sqlite:" + database + "?open_mode=1");
      one = connection.prepareStatement("SELECT status FROM egress WHERE egress_id = ?");
      all =
          connection.prepareStatement(
              "SELECT COUNT(*), COALESCE(SUM(status = 1), 0) FROM egress WHERE status IN (0, 1, 2)");
    } catch (SQLException unreadable) {
      throw failed(unreadable);
    }
  }

  /** The egress's stored status, -1 for an unknown one. */
  public int of(String egressId) {
    try {
      one.setString(1, egressId);
      try (ResultSet row = one.executeQuery()) {
        return row.next() ? row.getInt(1) : -1;
      }
    } catch (SQLException unreadable) {
      throw failed(unreadable);
    }
  }

  /** How many have not ended. */
  public Unfinished unfinished() {
    try (ResultSet row = all.executeQuery()) {
      return row.next() ? new Unfinished(row.getInt(1), row.getInt(2)) : new Unfinished(0, 0);
    } catch (SQLException unreadable) {
      throw failed(unreadable);
    }
  }

  private static IllegalStateException failed(SQLException cause) {
    return new IllegalStateException(
        "the node's database can't be read: " + cause.getMessage(), cause);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException ignored) {
      // Only read from: nothing is lost with it.
    }
  }
}
