package io.spillway.node.admission;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Admission.Cost;
import io.spillway.core.fleet.Admission.Load;
import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The node's door: keeps the measured load and the reservations, and asks {@link Admission}.
 * Thread-safe.
 *
 * <p>A reservation is held until the recording has been part of the measurement for a while ({@link
 * #RESERVED_FOR}, as LiveKit's 15 s); then the measured figure speaks for it. The load is an
 * average over about five seconds, so that one burst of joins doesn't look like a full machine. The
 * learnt cost of a track is what this process used, divided by its recordings, averaged over about
 * a minute.
 */
public final class Gate {
  static final Duration RESERVED_FOR = Duration.ofSeconds(15);

  /** Before anything was learnt: what a 720p track was measured to cost (docs/performance.md). */
  static final Cost FIRST_GUESS = new Cost(0.004, 2 << 20);

  private static final double LOAD_AVERAGE_SECONDS = 5;
  private static final double COST_AVERAGE_SECONDS = 60;

  private final TimeSource time;
  private final MachineMeter meter;
  private CostSettings settings;
  private final Map<String, Long> reservedUntil = new HashMap<>();
  private final Map<String, Cost> active = new HashMap<>();
  private MachineMeter.Reading last;
  private long lastAtNanos;
  private double busyCores;
  private double learntCores = FIRST_GUESS.cores();

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

  /** Takes a measurement. Called once a second by the node. */
  public synchronized void sample() {
    MachineMeter.Reading now = meter.read();
    long nowNanos = time.nanos();
    double seconds = (nowNanos - lastAtNanos) / 1e9;
    if (seconds <= 0) {
      return;
    }
    double machine = (now.machineBusyNanos() - last.machineBusyNanos()) / 1e9 / seconds;
    double process = (now.processCpuNanos() - last.processCpuNanos()) / 1e9 / seconds;
    busyCores += (machine - busyCores) * weight(seconds, LOAD_AVERAGE_SECONDS);
    reservedUntil.values().removeIf(until -> until <= nowNanos);
    int measured = active.size() - reservedUntil.size();
    if (measured * 2
        > active.size()) { // else what the young cost to join would be held against the old
      learntCores += (process / measured - learntCores) * weight(seconds, COST_AVERAGE_SECONDS);
    }
    last = now;
    lastAtNanos = nowNanos;
  }

  private static double weight(double seconds, double over) {
    return 1 - Math.exp(-seconds / over);
  }

  /** Whether one more track would be taken now, with the reason if not. Changes nothing. */
  public synchronized Optional<String> refusal() {
    return Admission.refusal(load(), settings.limits(), cost());
  }

  /** Takes a track in and reserves its cost, or says why not. */
  public synchronized Optional<String> admit(String egressId) {
    Optional<String> refusal = refusal();
    if (refusal.isEmpty()) {
      readmit(egressId);
    }
    return refusal;
  }

  /**
   * Takes in what an earlier process had taken: its recording is under way, refusing it would cut
   * it.
   */
  public synchronized void readmit(String egressId) {
    reservedUntil.put(egressId, time.nanos() + RESERVED_FOR.toNanos());
    active.put(egressId, cost());
  }

  /** Gives back what an ended egress held. */
  public synchronized void release(String egressId) {
    reservedUntil.remove(egressId);
    active.remove(egressId);
  }

  /** What the gate believes now, for metrics. */
  public synchronized Load load() {
    long now = time.nanos();
    double cores = 0;
    long memory = 0;
    for (var entry : reservedUntil.entrySet()) {
      Cost cost = active.get(entry.getKey());
      if (entry.getValue() > now && cost != null) {
        cores += cost.cores();
        memory += cost.memoryBytes();
      }
    }
    return new Load(
        last.cores(), busyCores, last.processMemoryBytes(), active.size(), cores, memory);
  }

  /** What one more track is expected to need. */
  public synchronized Cost expectedCost() {
    return cost();
  }

  private Cost cost() {
    long memory =
        settings.memoryBytesPerStart() > 0
            ? settings.memoryBytesPerStart()
            : FIRST_GUESS.memoryBytes();
    return new Cost(settings.trackCores().orElse(learntCores), memory);
  }
}
