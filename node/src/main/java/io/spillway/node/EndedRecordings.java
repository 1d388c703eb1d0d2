package io.spillway.node;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a node remembers of the egresses that ended: the newest statuses, so that a repeated start
 * gets the same answer, and figures of all. Thread-safe.
 */
final class EndedRecordings {
  /** Beyond, the oldest is forgotten: minutes at any rate of starts seen. */
  private static final int REMEMBERED = 1000;

  private final Map<EgressStatus, Long> outcomes = new EnumMap<>(EgressStatus.class);
  private final Map<String, EgressInfo> last =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, EgressInfo> eldest) {
          return size() > REMEMBERED;
        }
      };
  private long droppedFrames;

  /** An egress's last status is on its way. */
  synchronized void count(EgressStatus outcome) {
    outcomes.merge(outcome, 1L, Long::sum);
  }

  /** Its recorder is gone. */
  synchronized void add(EgressInfo info, long droppedByIt) {
    last.put(info.getEgressId(), info);
    droppedFrames += droppedByIt;
  }

  /** The last status of an egress that ended here lately. */
  synchronized Optional<EgressInfo> find(String egressId) {
    return Optional.ofNullable(last.get(egressId));
  }

  /** How many ended with each status since the start. */
  synchronized Map<EgressStatus, Long> outcomes() {
    return Map.copyOf(outcomes);
  }

  /** Frames that they lost because a disk was slower than its track. */
  synchronized long droppedFrames() {
    return droppedFrames;
  }
}
