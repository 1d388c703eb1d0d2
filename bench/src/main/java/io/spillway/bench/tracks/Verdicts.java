package io.spillway.bench.tracks;

import io.spillway.bench.meter.Quantiles;
import java.util.ArrayList;
import java.util.List;

/**
 * What the figures must be. A must holds for one size of load: smaller ones are shown and not
 * judged, for fixed costs weigh more on fewer tracks.
 */
final class Verdicts {
  static final int MANY_AUDIO = 200;
  static final int MANY_VIDEO = 20;
  static final int FEW_AUDIO = 50;
  private static final double MEBIBYTE = 1 << 20;

  private Verdicts() {}

  static List<Verdict> of(List<Starts> starts, List<Load> loads) {
    List<Verdict> out = new ArrayList<>();
    starts.forEach(start -> start(out, start));
    loads.forEach(load -> load(out, load));
    memory(out, loads);
    return List.copyOf(out);
  }

  private static void start(List<Verdict> out, Starts starts) {
    boolean busy = starts.usage().machineBusy();
    Quantiles active = starts.active();
    String what = starts.kind().label() + " start until ACTIVE, ";
    out.add(Verdict.of(what + "p50", "ms", active.p50(), 100, 50, busy));
    out.add(Verdict.of(what + "p99", "ms", active.p99(), 300, 150, busy));
  }

  private static void load(List<Verdict> out, Load load) {
    boolean busy = load.usage().machineBusy();
    String size = load.tracks() + " " + load.kind().label();
    if (load.kind() == Kind.AUDIO && load.tracks() == MANY_AUDIO) {
      out.add(cpu(load, size, 0.055, 0.03));
      out.add(Verdict.of(size + " started", "s", load.allActiveSeconds(), 10, 10, busy));
    }
    if (load.kind() == Kind.VIDEO && load.tracks() == MANY_VIDEO) {
      out.add(cpu(load, size, 0.2, 0.12));
    }
    out.add(
        Verdict.of(size + ", packets or frames missing", "", (double) load.missing(), 0, 0, busy));
  }

  private static Verdict cpu(Load load, String size, double must, double reach) {
    return Verdict.of(
        size + ", CPU per track minute",
        "s",
        load.cpuSecondsPerTrackMinute(),
        must,
        reach,
        load.usage().machineBusy());
  }

  private static void memory(List<Verdict> out, List<Load> loads) {
    var few = find(loads, FEW_AUDIO);
    var many = find(loads, MANY_AUDIO);
    if (few.isEmpty() || many.isEmpty()) {
      return;
    }
    double mebibytes = mebibytesPerFurtherTrack(few.getFirst(), many.getFirst());
    boolean busy = few.getFirst().usage().machineBusy() || many.getFirst().usage().machineBusy();
    out.add(Verdict.of("memory per further audio track", "MiB", mebibytes, 1.2, 0.4, busy));
  }

  static double mebibytesPerFurtherTrack(Load few, Load many) {
    return (many.usage().residentBytes() - few.usage().residentBytes())
        / MEBIBYTE
        / (many.tracks() - few.tracks());
  }

  private static List<Load> find(List<Load> loads, int tracks) {
    return loads.stream()
        .filter(load -> load.kind() == Kind.AUDIO && load.tracks() == tracks)
        .toList();
  }
}
