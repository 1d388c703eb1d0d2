package io.spillway.node.request;

import io.spillway.core.trace.TraceKeys;
import io.spillway.protocol.livekit.EgressInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.MDC;

/**
 * What ties a recording's log lines and messages to the request that began it and to the egress.
 * What isn't known is empty and left out.
 *
 * @param requestId of the caller's request; empty for an egress that an earlier process began
 * @param node the node's id
 * @param epoch LiveKit's {@code retry_count} + 1
 */
public record EgressTrace(
    String requestId, String egressId, int epoch, String node, String roomSid) {
  /** The trace of a plan that {@code requestId} asked this node for. */
  public static EgressTrace of(TrackPlan plan, String requestId, String node) {
    return new EgressTrace(requestId, plan.egressId(), plan.epoch(), node, plan.roomId());
  }

  /** The trace of a status of an egress that {@code requestId} asked this node for. */
  public static EgressTrace of(EgressInfo info, String requestId, String node) {
    return new EgressTrace(
        requestId, info.getEgressId(), info.getRetryCount() + 1, node, info.getRoomId());
  }

  /** Key-values of log lines. */
  public Map<String, String> fields() {
    return named(
        TraceKeys.LOG_REQUEST,
        TraceKeys.LOG_EGRESS,
        TraceKeys.LOG_EPOCH,
        TraceKeys.LOG_NODE,
        TraceKeys.LOG_ROOM_SID);
  }

  /** What travels with a psrpc request about this egress. */
  public Map<String, String> metadata() {
    return named(
        TraceKeys.META_REQUEST,
        TraceKeys.META_EGRESS,
        TraceKeys.META_EPOCH,
        TraceKeys.META_NODE,
        TraceKeys.META_ROOM_SID);
  }

  private Map<String, String> named(
      String request, String egress, String epochName, String nodeName, String room) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put(request, requestId);
    fields.put(egress, egressId);
    fields.put(epochName, Integer.toString(epoch));
    fields.put(nodeName, node);
    fields.put(room, roomSid);
    fields.values().removeIf(String::isEmpty);
    return fields;
  }

  /** Marks this thread's log lines until the scope is closed. */
  public Scope mark() {
    Map<String, String> before = MDC.getCopyOfContextMap();
    fields().forEach(MDC::put);
    return () -> {
      if (before == null) {
        MDC.clear();
      } else {
        MDC.setContextMap(before);
      }
    };
  }

  /** Runs tasks on {@code threads} with their log lines marked. */
  public Executor on(Executor threads) {
    return task ->
        threads.execute(() -> {
          try (var _ = mark()) {
            task.run();
          }
        });
  }

  /** Until when lines are marked. */
  @FunctionalInterface
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }
}
