package io.spillway.storage.spool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * That several parts of an egress are about to be one file: kept in {@code join.json} from the
 * moment that file is whole under its temporary name until the parts say so themselves. Who finds
 * it after a crash carries the join to its end, whatever was done of it.
 *
 * @param scratch absolute path of the whole file's temporary name; no longer there once it has its
 *     own
 * @param first epoch of the part whose name it takes
 * @param absorbed epochs of the parts whose files go
 * @param durationNanos of the whole file
 * @param bytes of the whole file
 */
public record JoinNote(
    String egressId,
    String scratch,
    int first,
    List<Integer> absorbed,
    long durationNanos,
    long bytes) {
  private static final int VERSION = 1;

  /** Copies the list. */
  public JoinNote {
    absorbed = List.copyOf(absorbed);
  }

  byte[] toJson() {
    ObjectNode root = SpoolJson.begin(VERSION);
    root.put("egress_id", egressId);
    root.put("scratch", scratch);
    root.put("first", first);
    ArrayNode epochs = root.putArray("absorbed");
    absorbed.forEach(epochs::add);
    root.put("duration", durationNanos);
    root.put("bytes", bytes);
    return SpoolJson.bytes(root);
  }

  static JoinNote read(byte[] json) throws IOException {
    return SpoolJson.read(json, VERSION, JoinNote::note);
  }

  private static JoinNote note(JsonNode root) {
    List<Integer> absorbed = new ArrayList<>();
    root.path("absorbed").forEach(epoch -> absorbed.add(epoch.asInt(0)));
    return new JoinNote(
        root.path("egress_id").asString(""),
        root.path("scratch").asString(""),
        root.path("first").asInt(0),
        absorbed,
        root.path("duration").asLong(0),
        root.path("bytes").asLong(0));
  }
}
