package io.spillway.node;

import io.spillway.core.fleet.Lease;
import io.spillway.core.time.TimeSource;
import io.spillway.node.admission.Gate;
import io.spillway.node.admission.Kind;
import io.spillway.node.recorder.Progress;
import io.spillway.node.recovery.Recovery;
import io.spillway.node.report.StatusReporter;
import io.spillway.protocol.livekit.EgressInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a node says about itself to its controllers. Thread-safe. */
record OwnLease(
    NodeSettings settings,
    Gate gate,
    Recordings recordings,
    Recovery recovery,
    StatusReporter reporter,
    TimeSource time) {
  /** See {@link Node#lease}. */
  Lease numbered(long number, String region, String version) {
    List<Lease.Held> held = List.copyOf(held().values());
    return new Lease(
        settings.nodeId(),
        number,
        region,
        settings.clusterId(),
        version,
        gate.load(),
        gate.limits(),
        gate.expectedCost(Kind.VIDEO),
        recordings.isDraining(),
        reporter.oldestAge(),
        held,
        time.unixNanos());
  }

  private Map<String, Lease.Held> held() {
    Map<String, Lease.Held> held = new HashMap<>();
    knownEgresses().forEach(id -> held.put(id, new Lease.Held(id, 0, 0, 0)));
    Map<String, Progress> progress = recordings.progress();
    for (EgressInfo info : recordings.statuses()) {
      Progress far = progress.getOrDefault(info.getEgressId(), new Progress(0, 0, -1));
      held.put(
          info.getEgressId(),
          new Lease.Held(
              info.getEgressId(),
              info.getRetryCount() + 1,
              far.bytes(),
              (long) (far.seconds() * 1e9)));
    }
    return held;
  }

  /** See {@link Node#knownEgresses}. */
  Set<String> knownEgresses() {
    // in the order in which an egress passes through them, so that none is missed in between
    Set<String> known = new HashSet<>(recovery.underWay());
    known.addAll(recordings.active());
    known.addAll(reporter.waiting());
    return known;
  }
}
