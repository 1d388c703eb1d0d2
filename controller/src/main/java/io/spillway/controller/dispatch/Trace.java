package io.spillway.controller.dispatch;

import io.spillway.core.trace.TraceKeys;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.MDC;

/**
 * What one request is known by, growing while it is handled: it goes into each log line (by MDC on
 * the thread that handles the request), into psrpc metadata and into the answer's headers. Belongs
 * to the request's thread; others may only read {@link #logContext}.
 */
public final class Trace {
  private final Map<String, String> fields = new LinkedHashMap<>();
  private boolean goesOn;

  /** Begins to mark this thread's log lines; {@link #end} must follow. */
  public static Trace begin(String requestId) {
    Trace trace = new Trace();
    trace.put(TraceKeys.LOG_REQUEST, requestId);
    return trace;
  }

  /** Stops marking this thread's log lines. */
  public void end() {
    fields.keySet().forEach(MDC::remove);
  }

  /** The id of the request. */
  public String requestId() {
    return value(TraceKeys.LOG_REQUEST);
  }

  /** The egress that the request is about, empty when none is known. */
  public String egressId() {
    return value(TraceKeys.LOG_EGRESS);
  }

  /** The epoch under which the egress was last tried, 0 when none is known. */
  public int epoch() {
    String epoch = value(TraceKeys.LOG_EPOCH);
    return epoch.isEmpty() ? 0 : Integer.parseInt(epoch);
  }

  /** Names the egress. */
  public void egress(String egressId, int epoch) {
    put(TraceKeys.LOG_EGRESS, egressId);
    put(TraceKeys.LOG_EPOCH, Integer.toString(epoch));
  }

  /** Names the room by its sid. */
  public void roomSid(String sid) {
    put(TraceKeys.LOG_ROOM_SID, sid);
  }

  /** Names the region that the egress is wanted in. */
  public void region(String region) {
    put(TraceKeys.LOG_REGION, region);
  }

  /** The region that the egress is wanted in; empty: it doesn't matter. */
  public String region() {
    return value(TraceKeys.LOG_REGION);
  }

  /** Names the node that has the egress. */
  public void node(String node) {
    put(TraceKeys.LOG_NODE, node);
  }

  /** The egress was recorded before: a node that takes it up begins a further part. */
  public void goesOn() {
    goesOn = true;
  }

  /** For another thread's MDC that does a part of this request's work. */
  public Map<String, String> logContext() {
    return Map.copyOf(fields);
  }

  /** What travels with a psrpc request. */
  public Map<String, String> metadata() {
    Map<String, String> metadata =
        renamed(
            Map.of(
                TraceKeys.LOG_REQUEST, TraceKeys.META_REQUEST,
                TraceKeys.LOG_EGRESS, TraceKeys.META_EGRESS,
                TraceKeys.LOG_EPOCH, TraceKeys.META_EPOCH,
                TraceKeys.LOG_NODE, TraceKeys.META_NODE,
                TraceKeys.LOG_ROOM_SID, TraceKeys.META_ROOM_SID,
                TraceKeys.LOG_REGION, TraceKeys.META_REGION));
    if (goesOn) {
      metadata.put(TraceKeys.META_GOES_ON, "1");
    }
    return metadata;
  }

  /** What stands in the answer's head. */
  public Map<String, String> headers() {
    return renamed(
        Map.of(
            TraceKeys.LOG_REQUEST, TraceKeys.HEADER_REQUEST,
            TraceKeys.LOG_EGRESS, TraceKeys.HEADER_EGRESS,
            TraceKeys.LOG_EPOCH, TraceKeys.HEADER_EPOCH,
            TraceKeys.LOG_NODE, TraceKeys.HEADER_NODE,
            TraceKeys.LOG_ROOM_SID, TraceKeys.HEADER_ROOM_SID,
            TraceKeys.LOG_REGION, TraceKeys.HEADER_REGION));
  }

  private Map<String, String> renamed(Map<String, String> names) {
    Map<String, String> renamed = new LinkedHashMap<>();
    fields.forEach((key, value) -> renamed.put(names.getOrDefault(key, key), value));
    return renamed;
  }

  private void put(String key, String value) {
    if (!value.isEmpty()) {
      fields.put(key, value);
      MDC.put(key, value);
    }
  }

  private String value(String key) {
    return fields.getOrDefault(key, "");
  }
}
