package io.spillway.controller.fleet;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Canary;
import io.spillway.core.fleet.DispatchChoice;
import io.spillway.core.fleet.GoNodeHealth;
import io.spillway.core.fleet.Health;
import io.spillway.core.fleet.Lease;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** One node in the book. Guarded by the book's lock. */
final class FleetNode implements DispatchChoice.Candidate {
  /** A start that was sent and isn't in a lease yet counts as load for so long. */
  private static final long PENDING_NANOS = Duration.ofSeconds(10).toNanos();

  /** Two leases come in this time; a silent node counts as lost later than that. */
  private static final long LEASE_FRESH_NANOS = Duration.ofSeconds(4).toNanos();

  /** How long a node may take up what its earlier life had before that counts as lost. */
  private static final long TAKE_UP_NANOS = Duration.ofSeconds(10).toNanos();

  private final String nodeId;
  private final long firstSeenNanos;
  private Lease lease;
  private Map<String, Lease.Held> held;
  private final Map<String, Long> pending = new HashMap<>();

  /** Since when it lists an egress without recording it. */
  private final Map<String, Long> takingUp = new HashMap<>();

  /** When the last lease came, on the controller's own monotonic clock. */
  long leaseNanos;

  /** When anything at all was heard of it: a lease, a canary's answer, a status. */
  long heardNanos;

  /** What this controller's own canaries have shown. */
  Canary canary = Canary.NEW;

  /** The age of the oldest status, as last told on either way. */
  Duration oldestStatus;

  /** Since when its messages get through, as far as can be told. */
  long throughSinceNanos;

  /** What it said that it lacks, when it turned a start down; its next lease knows better. */
  Optional<Admission.Shortage> saidFull = Optional.empty();

  Health health = Health.SUSPECT;
  long healthSinceNanos;
  boolean inService;

  /** Its signs are worse than its health, and the judge may not trust them now: the last resort. */
  boolean doubted;

  boolean ejected;

  /** Whether it was ever in service: a node that is new is no loss to its region. */
  boolean proven;

  /** What became of the starts that it said yes to. */
  GoNodeHealth promises = GoNodeHealth.NEW;

  long brokenNanos;
  long rebuildOrderedNanos = Long.MIN_VALUE;
  int rebuilds;
  boolean drainOrdered;
  String drainReason = "";
  long goneNanos;

  FleetNode(Lease lease, long nowNanos) {
    this.nodeId = lease.nodeId();
    this.firstSeenNanos = nowNanos;
    this.lease = lease;
    this.held = index(lease);
    noteTakingUp(nowNanos);
    this.leaseNanos = nowNanos;
    this.heardNanos = nowNanos;
    this.healthSinceNanos = nowNanos;
    this.throughSinceNanos = nowNanos;
    this.oldestStatus = lease.oldestStatus();
  }

  private static Map<String, Lease.Held> index(Lease lease) {
    Map<String, Lease.Held> byId = HashMap.newHashMap(lease.egresses().size());
    lease.egresses().forEach(egress -> byId.put(egress.egressId(), egress));
    return byId;
  }

  /** Takes a lease in; false for one that is older than the last. */
  boolean renew(Lease newer, long nowNanos) {
    if (newer.number() <= lease.number()) {
      return false;
    }
    lease = newer;
    held = index(newer);
    noteTakingUp(nowNanos);
    pending.keySet().removeAll(held.keySet());
    pending.values().removeIf(since -> nowNanos - since > PENDING_NANOS);
    leaseNanos = nowNanos;
    heardNanos = nowNanos;
    oldestStatus = newer.oldestStatus();
    saidFull = Optional.empty();
    return true;
  }

  private void noteTakingUp(long nowNanos) {
    takingUp.keySet().retainAll(held.keySet());
    held.values()
        .forEach(egress -> {
          if (egress.epoch() == 0) {
            var _ = takingUp.putIfAbsent(egress.egressId(), nowNanos);
          } else {
            takingUp.remove(egress.egressId());
          }
        });
  }

  /** Whether an egress of its earlier life is in good hands: recorded, or to be so soon. */
  boolean keeps(String egressId, long nowNanos) {
    Long since = takingUp.get(egressId);
    return held.containsKey(egressId) && (since == null || nowNanos - since <= TAKE_UP_NANOS);
  }

  /** Whether its leases come to this controller at present. */
  boolean leasesCome(long nowNanos) {
    return nowNanos - leaseNanos <= LEASE_FRESH_NANOS;
  }

  Lease lease() {
    return lease;
  }

  long firstSeenNanos() {
    return firstSeenNanos;
  }

  Optional<Lease.Held> held(String egressId) {
    return Optional.ofNullable(held.get(egressId));
  }

  void reserve(String egressId, long nowNanos) {
    pending.put(egressId, nowNanos);
  }

  void release(String egressId) {
    pending.remove(egressId);
  }

  boolean isPending(String egressId) {
    return pending.containsKey(egressId);
  }

  int pendingStarts() {
    return pending.size();
  }

  @Override
  public String nodeId() {
    return nodeId;
  }

  @Override
  public String cluster() {
    return lease.cluster();
  }

  @Override
  public Optional<Admission.Shortage> shortage() {
    return Admission.shortage(load(), lease.limits(), lease.cost()).or(() -> saidFull);
  }

  @Override
  public double fullness() {
    return Admission.fullness(load(), lease.limits());
  }

  private Admission.Load load() {
    Admission.Load told = lease.load();
    int more = pending.size();
    if (more == 0) {
      return told;
    }
    return new Admission.Load(
        told.cores(),
        told.busyCores(),
        told.processMemoryBytes(),
        told.recordings() + more,
        told.reservedCores() + more * lease.cost().cores(),
        told.reservedMemoryBytes() + more * lease.cost().memoryBytes());
  }
}
