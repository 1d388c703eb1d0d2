package io.spillway.bench.tracks;

import io.spillway.app.client.Table;
import io.spillway.bench.meter.Quantiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All figures of a run; the shape of {@code --json} too. */
record Report(
    Surroundings surroundings, List<Starts> starts, List<Load> loads, List<Verdict> verdicts) {
  static Report of(Surroundings surroundings, List<Starts> starts, List<Load> loads) {
    return new Report(
        surroundings, List.copyOf(starts), List.copyOf(loads), Verdicts.of(starts, loads));
  }

  boolean anyMissed() {
    return verdicts.stream().anyMatch(verdict -> verdict.grade() == Verdict.Grade.MISSED);
  }

  List<String> lines() {
    List<String> out = new ArrayList<>(surroundings.lines());
    out.add("");
    out.addAll(startTable());
    out.add("");
    out.addAll(loadTable());
    out.add("");
    out.addAll(verdictTable());
    out.add("");
    out.addAll(published());
    return out;
  }

  private List<String> startTable() {
    Table table =
        new Table("STARTS, ONE AT A TIME", "COUNT", "P50", "P90", "P99", "MAX", "OTHERS' CPU");
    for (Starts each : starts) {
      String kind = each.kind().label();
      row(table, kind + ": request until ACTIVE is stored", each.active(), each);
      String frame = each.kind() == Kind.VIDEO ? "first key frame" : "first frame";
      row(table, kind + ": request until the " + frame, each.firstFrame(), each);
    }
    return table.lines();
  }

  private static void row(Table table, String what, Quantiles values, Starts of) {
    table.row(
        what,
        Integer.toString(values.count()),
        number(values.p50()) + " ms",
        number(values.p90()) + " ms",
        number(values.p99()) + " ms",
        number(values.max()) + " ms",
        percent(of.usage().strangersShare()));
  }

  private List<String> loadTable() {
    Table table =
        new Table(
            "TRACKS AT ONCE",
            "ALL ACTIVE",
            "CPU-S/TRACK MIN",
            "KERNEL",
            "PER PACKET",
            "RSS",
            "THREADS",
            "PACKETS",
            "LOST: START + RUN + END",
            "SENT AGAIN",
            "OTHERS' CPU");
    for (Load load : loads) {
      table.row(
          load.tracks() + " " + load.kind().label(),
          number(load.allActiveSeconds()) + " s",
          number(load.cpuSecondsPerTrackMinute()),
          percent(load.usage().kernelShare()),
          number(load.microsPerPacket()) + " µs",
          (load.usage().residentBytes() >> 20) + " MiB",
          Integer.toString(load.usage().threads()),
          Long.toString(load.whole().received()),
          load.missingByPhase(),
          Long.toString(load.whole().recovered()),
          percent(load.usage().strangersShare()));
    }
    return table.lines();
  }

  private List<String> verdictTable() {
    Table table = new Table("MUST", "MEASURED", "MUST BE", "REACH", "VERDICT");
    for (Verdict each : verdicts) {
      String unit = each.unit().isEmpty() ? "" : " " + each.unit();
      table.row(
          each.what(),
          number(each.measured()) + unit,
          number(each.must()) + unit,
          each.reach() < each.must() ? number(each.reach()) + unit : "",
          each.grade().text());
    }
    return table.lines();
  }

  /** Of a machine with two cores, quiet; a figure of another machine is no comparison. */
  private static List<String> published() {
    return List.of(
        "livekit/egress 1.14.1, measured once on 2 quiet cores: start until ACTIVE 818 ms idle and",
        "314 ms busy; 4.2 CPU-s per audio track minute, 1.9 per 720p track minute; 21 MiB and 15",
        "threads per track; 3 tracks at once by default.");
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", share * 100);
  }

  static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      return Long.toString(Math.round(value));
    }
    String shape = value >= 10 ? "%.0f" : value >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, shape, value);
  }
}
