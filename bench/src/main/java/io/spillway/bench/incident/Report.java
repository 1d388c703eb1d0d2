package io.spillway.bench.incident;

import io.spillway.bench.meter.Quantiles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** An outcome in lines for people, beside what the incident was. */
final class Report {
  private static final int DEFECTS_SHOWN = 20;

  private final Outcome outcome;
  private final List<String> lines = new ArrayList<>();

  private Report(Outcome outcome) {
    this.outcome = outcome;
  }

  static List<String> of(Outcome outcome) {
    return new Report(outcome).write();
  }

  private List<String> write() {
    boolean busy = Strangers.tooMuch(outcome.strangers());
    row("", "the incident", "now", "must");
    row("failed starts", "2.25 %", share(outcome.failedStarts()), verdict(outcome.failedStarts()));
    row(
        "without a final status",
        "0.75 %",
        share(outcome.withoutEnd()),
        verdict(outcome.withoutEnd()));
    row(
        "ended other than complete",
        "",
        share(outcome.endedBadly()),
        verdict(outcome.endedBadly()));
    time("until it was noticed", "14 min", outcome.noticed(), Outcome.NOTICE_WITHIN, busy);
    time("until it got no more work", "never", outcome.noMoreWork(), Outcome.NOTICE_WITHIN, busy);
    time("until it was mended", "4 h 15 min", outcome.mended(), Outcome.MEND_WITHIN, busy);
    row(
        "recordings cut by a wedge",
        "",
        outcome.cutByWedges().size() + " of " + outcome.throughWedges(),
        verdict(outcome.cutByWedges().size()));
    row(
        "files missing or shared",
        "",
        Integer.toString(outcome.lostOrSharedFiles()),
        verdict(outcome.lostOrSharedFiles()));
    row(
        "went on after a death",
        "",
        outcome.movedByDeaths() + ", " + outcome.movedWhole() + " of them with their beginning",
        "");
    row("healthy nodes suspected", "", Integer.toString(outcome.wronglySuspected()), "");
    latencies();
    defects();
    lines.add(
        String.format(
            Locale.ROOT,
            "others used %.0f %% of the machine%s",
            100 * outcome.strangers(),
            busy ? ": no verdict on times" : ""));
    return lines;
  }

  private void row(String what, String then, String now, String must) {
    lines.add(String.format(Locale.ROOT, "%-28s %-13s %-36s %s", what, then, now, must).strip());
  }

  private void time(
      String what, String then, Optional<Duration> now, Duration bound, boolean busy) {
    boolean held = Outcome.within(now, bound);
    String verdict = held ? "held" : busy ? "no verdict" : "MISSED";
    row(what, then, "at most " + Outcome.seconds(now), bound.toSeconds() + " s: " + verdict);
  }

  private String share(int seen) {
    int count = outcome.starts();
    return count == 0
        ? "no starts"
        : String.format(
            Locale.ROOT,
            "%d of %d (95 %%: below %.2f %%)",
            seen,
            count,
            100 * Bound.upper95(seen, count));
  }

  private static String verdict(int seen) {
    return seen == 0 ? "0: held" : "0: MISSED";
  }

  private void latencies() {
    List<Double> all =
        outcome.takes().stream()
            .filter(take -> !take.isFailed())
            .map(take -> take.answered().toNanos() / 1e6)
            .toList();
    if (!all.isEmpty()) {
      Quantiles q = Quantiles.of(all);
      lines.add(
          String.format(
              Locale.ROOT,
              "start to answer, ms: p50 %.0f, p90 %.0f, p99 %.0f, most %.0f; stops asked for more"
                  + " than once: %d; starts not made: %d",
              q.p50(),
              q.p90(),
              q.p99(),
              q.max(),
              outcome.takes().stream().filter(take -> take.stops() > 1).count(),
              outcome.skipped()));
    }
  }

  private void defects() {
    List<String> cut = outcome.cutByWedges();
    outcome.takes().stream()
        .filter(take ->
            take.isFailed()
                || take.lacksEnd()
                || take.endedBadly()
                || cut.contains(take.egressId()))
        .limit(DEFECTS_SHOWN)
        .forEach(take -> lines.add("  " + words(take)));
  }

  private String words(Take take) {
    String when =
        outcome.episodes().stream()
            .filter(each -> each.atNanos() <= take.overNanos())
            .reduce((earlier, later) -> later)
            .map(each ->
                String.format(
                    Locale.ROOT,
                    "asked %.1f s after %s on %s",
                    (take.askedNanos() - each.atNanos()) / 1e9,
                    each.fault().word(),
                    each.nodeId()))
            .orElse("before the first fault");
    if (take.isFailed()) {
      return "not started, " + when + ": " + take.failure();
    }
    String what =
        take.end()
            .map(info ->
                info.getStatus()
                    + " "
                    + info.getError()
                    + " in "
                    + info.getFileResultsCount()
                    + " files")
            .orElse("no final status");
    return take.egressId()
        + " on "
        + take.node()
        + " epoch "
        + take.epoch()
        + ", "
        + when
        + ": "
        + what;
  }
}
