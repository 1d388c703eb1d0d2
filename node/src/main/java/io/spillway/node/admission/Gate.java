package io.spillway.node.admission;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Admission.Cost;
import io.spillway.core.fleet.Admission.Load;
import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The node's door: keeps the measured load and the reservations, and asks {@link Admission}.
 * Thread-safe.
 *
 * <p>A reservation is held until the recording has been part of the measurement for a while ({@link
 * #RESERVED_FOR}, as LiveKit's 15 s); then the measured figure speaks for it. The load is an
 * average over about five seconds, so that one burst of joins doesn't look like a full machine.
 * What a start is expected to need is learnt for each kind ({@link LearntCosts}) unless it is
 * configured.
 */
public final class Gate {
  static final Duration RESERVED_FOR = Duration.ofSeconds(15);

  private static final double LOAD_AVERAGE_SECONDS = 5;

  private final TimeSource time;
  private final MachineMeter meter;
  private CostSettings settings;
  private final Map<String, Long> reservedUntil = new HashMap<>();
  private final Map<String, Admitted> active = new HashMap<>();
  private final AtomicBoolean reading = new AtomicBoolean();
  private final LearntCosts learnt = new LearntCosts();
  private MachineMeter.Reading last;
  private long lastAtNanos;
  private double busyCores; // by this process
  private double machineCores; // by everybody

  private record Admitted(Kind kind, Cost reserved) {}

  /** A gate with nothing measured yet. */
  public Gate(TimeSource time, MachineMeter meter, CostSettings settings) {
    this.time = time;
    this.meter = meter;
    this.settings = settings;
    this.last = meter.read();
    this.lastAtNanos = time.nanos();
  }

  /** What the machine may be used to from now on; what is admitted stays. */
  public synchronized void limits(Admission.Limits limits) {
    settings = new CostSettings(limits, settings.trackCores(), settings.memoryBytesPerStart());
  }

  /** What the machine may be used to. */
  public synchronized Admission.Limits limits() {
    return settings.limits();
  }

  /**
   * Takes a measurement. Called once a second by the node. The kernel's files are read without the
   * lock that bidders need; while a reading hangs nobody begins another.
   */
  public void sample() {
    if (!reading.compareAndSet(false, true)) {
      return;
    }
    try {
      took(meter.read(), time.nanos());
    } finally {
      reading.set(false);
    }
  }

  private synchronized void took(MachineMeter.Reading now, long nowNanos) {
    double seconds = (nowNanos - lastAtNanos) / 1e9;
    if (seconds <= 0) {
      return;
    }
    double machine = (now.machineBusyNanos() - last.machineBusyNanos()) / 1e9 / seconds;
    double process = (now.processCpuNanos() - last.processCpuNanos()) / 1e9 / seconds;
    double share = weight(seconds, LOAD_AVERAGE_SECONDS);
    busyCores += (process - busyCores) * share;
    machineCores += (machine - machineCores) * share;
    reservedUntil.values().removeIf(until -> until <= nowNanos);
    int measured = active.size() - reservedUntil.size();
    if (active.isEmpty()) {
      learnt.idle(process, now.processMemoryBytes(), seconds);
    } else if (measured * 2 > active.size()) {
      // else what the young cost to join would be held against the old
      learnt.busy(process, now.processMemoryBytes(), activeByKind(), seconds);
    }
    last = now;
    lastAtNanos = nowNanos;
  }

  /** How much a figure of so many seconds moves an average over so many. */
  static double weight(double seconds, double over) {
    return 1 - Math.exp(-seconds / over);
  }

  private Map<Kind, Integer> activeByKind() {
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    active.values().forEach(admitted -> counts.merge(admitted.kind(), 1, Integer::sum));
    return counts;
  }

  /** Whether one more track would be taken now, with the reason if not. Changes nothing. */
  public synchronized Optional<String> refusal(Kind kind) {
    return Admission.refusal(load(), settings.limits(), cost(kind));
  }

  /** Takes a track in and reserves its cost, or says why not. */
  public synchronized Optional<String> admit(String egressId, Kind kind) {
    Optional<String> refusal = refusal(kind);
    if (refusal.isEmpty()) {
      readmit(egressId, kind);
    }
    return refusal;
  }

  /**
   * Takes in what an earlier process had taken: its recording is under way, refusing it would cut
   * it.
   */
  public synchronized void readmit(String egressId, Kind kind) {
    reservedUntil.put(egressId, time.nanos() + RESERVED_FOR.toNanos());
    active.put(egressId, new Admitted(kind, cost(kind)));
  }

  /** Gives back what an ended egress held. */
  public synchronized void release(String egressId) {
    reservedUntil.remove(egressId);
    active.remove(egressId);
  }

  /** The share of the machine that is in use, by anybody: by it nodes are compared, not refused. */
  public synchronized double machineLoad() {
    return machineCores / Math.max(1, last.cores());
  }

  /** What the gate believes now, for metrics. */
  public synchronized Load load() {
    long now = time.nanos();
    double cores = 0;
    long memory = 0;
    for (var entry : reservedUntil.entrySet()) {
      Admitted admitted = active.get(entry.getKey());
      if (entry.getValue() > now && admitted != null) {
        cores += admitted.reserved().cores();
        memory += admitted.reserved().memoryBytes();
      }
    }
    return new Load(
        last.cores(), busyCores, last.processMemoryBytes(), active.size(), cores, memory);
  }

  /** What one more track of a kind is expected to need. */
  public synchronized Cost expectedCost(Kind kind) {
    return cost(kind);
  }

  private Cost cost(Kind kind) {
    Cost expected = learnt.of(kind);
    long memory = settings.memoryBytesPerStart();
    return new Cost(
        settings.trackCores().orElse(expected.cores()),
        memory > 0 ? memory : expected.memoryBytes());
  }
}
