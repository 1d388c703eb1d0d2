package io.spillway.controller.alert;

import io.spillway.controller.fleet.NodeView;
import io.spillway.controller.gonode.GoNodeView;
import io.spillway.controller.repair.RepairNote;
import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Canary;
import io.spillway.core.fleet.Health;
import io.spillway.core.fleet.Lease;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A node as people and rules see it.
 *
 * @param kind {@code spillway} or {@code go}
 * @param region empty: none given
 * @param reason why it has this health; may be empty
 * @param leaseAge since it was last heard over its lease; empty where it sends none
 * @param canary what the canaries have shown; empty where none has come back yet
 * @param canaryMisses in a row
 * @param oldestStatus the age of the oldest status that nobody has acknowledged
 * @param load what it does and may do
 * @param takesWork whether a start would be given to it now
 * @param repairs what was done to make it well, the oldest first
 */
public record NodeState(
    String id,
    String kind,
    String region,
    String version,
    Health health,
    String reason,
    Optional<Duration> leaseAge,
    Optional<Canary.State> canary,
    int canaryMisses,
    Duration oldestStatus,
    Load load,
    boolean takesWork,
    List<RepairNote> repairs) {
  /** Copies the list. */
  public NodeState {
    repairs = List.copyOf(repairs);
  }

  /** A node with a lease. */
  public static NodeState of(NodeView node, List<RepairNote> repairs) {
    Lease lease = node.lease();
    boolean asked = node.canary().state() != Canary.State.UNPROVEN;
    return new NodeState(
        lease.nodeId(),
        "spillway",
        lease.region(),
        lease.version(),
        node.health(),
        node.ejected() ? "It is out of service for what it looks like." : "",
        Optional.of(node.leaseAge()),
        asked ? Optional.of(node.canary().state()) : Optional.empty(),
        node.canary().misses(),
        lease.oldestStatus(),
        new Load(
            lease.load().cores(),
            lease.load().busyCores() + lease.load().reservedCores(),
            lease.limits().maxCpuUtilization(),
            lease.load().processMemoryBytes(),
            lease.limits().maxMemoryBytes(),
            lease.load().recordings() + node.pendingStarts(),
            lease.limits().maxRecordings()),
        node.inService() && Admission.refusal(lease.load(), lease.limits(), lease.cost()).isEmpty(),
        repairs);
  }

  /** A livekit/egress node: it sends no lease, answers no canary and says nothing of its load. */
  public static NodeState of(GoNodeView node) {
    String client = node.clientId().isEmpty() ? "" : "Reports as " + node.clientId() + ".";
    String out = node.ejected() ? "Its claims are not chosen." : "";
    return new NodeState(
        node.serverId(),
        "go",
        "",
        "livekit/egress",
        node.health(),
        String.join(" ", List.of(node.reason(), out, client)).strip(),
        Optional.empty(),
        Optional.empty(),
        0,
        node.oldestStatus(),
        new Load(0, 0, 0, 0, 0, node.egresses(), 0),
        node.health() == Health.HEALTHY,
        List.of());
  }

  /**
   * What a node does and what it may do.
   *
   * @param busyCores in use by anybody on the machine, reservations included
   * @param maxCpuShare of the cores that may be in use, 0 to 1
   * @param memoryLimitBytes 0: none
   * @param slots recordings at once; 0: no such limit
   */
  public record Load(
      double cores,
      double busyCores,
      double maxCpuShare,
      long memoryBytes,
      long memoryLimitBytes,
      int recordings,
      int slots) {
    /** How full it is by whatever is scarcest; 1 is full. */
    public double fullness() {
      double cpu = cores <= 0 || maxCpuShare <= 0 ? 0 : busyCores / (cores * maxCpuShare);
      double memory = memoryLimitBytes <= 0 ? 0 : (double) memoryBytes / memoryLimitBytes;
      double taken = slots <= 0 ? 0 : (double) recordings / slots;
      return Math.max(cpu, Math.max(memory, taken));
    }
  }
}
