package io.spillway.controller.alert;

import io.spillway.controller.status.ProgressSource.Progress;
import io.spillway.protocol.livekit.EgressInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds egresses that don't get on: starting or ending for too long, or recording without media
 * time moving (silence and pauses are written out, so it moves whenever all is well). Not
 * thread-safe.
 */
final class StuckEgresses {
  /** LiveKit waits 30 s for a track that isn't there yet; our deadline for a start is 45 s. */
  private static final Duration STARTING = Duration.ofSeconds(60);

  /** Finishing is quick; uploads of long recordings are not. */
  private static final Duration ENDING = Duration.ofMinutes(10);

  private static final Duration STILL = Duration.ofSeconds(30);

  private final Map<String, Moved> moved = new HashMap<>();

  private record Moved(double seconds, long sinceNanos) {}

  /**
   * The ids of those that are stuck.
   *
   * @param progress of egresses, by id; recording ones that are absent don't move
   */
  List<String> find(
      List<EgressInfo> active, Map<String, Progress> progress, long nowNanos, long nowUnixNanos) {
    List<String> stuck = new ArrayList<>();
    Map<String, Moved> before = Map.copyOf(moved);
    moved.clear();
    for (EgressInfo info : active) {
      String id = info.getEgressId();
      boolean isStuck =
          switch (info.getStatus()) {
            case EGRESS_STARTING -> nowUnixNanos - info.getStartedAt() > STARTING.toNanos();
            case EGRESS_ENDING -> nowUnixNanos - info.getUpdatedAt() > ENDING.toNanos();
            default -> {
              double seconds =
                  Optional.ofNullable(progress.get(id)).map(Progress::seconds).orElse(-1.0);
              Moved last = before.getOrDefault(id, new Moved(Double.NaN, nowNanos));
              Moved now = last.seconds == seconds ? last : new Moved(seconds, nowNanos);
              moved.put(id, now);
              yield nowNanos - now.sinceNanos > STILL.toNanos();
            }
          };
      if (isStuck) {
        stuck.add(id);
      }
    }
    return stuck;
  }
}
