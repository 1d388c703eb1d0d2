package io.spillway.core.alert;

import io.spillway.core.fleet.Health;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What is wrong, by the figures of a moment. Pure; docs/alerts.md explains each rule to people.
 *
 * @param failureBudget share of starts that may fail
 * @param slowBudget share of starts that may take longer than the target
 * @param statusLate a status that waits so long is worth a look, three times as long is critical
 * @param full from this fullness of the emptiest node on, a region is nearly full
 * @param webhookLate an event that waits so long is worth a look, ten times as long is critical
 */
public record AlertRules(
    double failureBudget,
    double slowBudget,
    Duration statusLate,
    double full,
    Duration webhookLate) {
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Duration A_WHILE = Duration.ofSeconds(30);
  private static final Duration A_MOMENT = Duration.ofSeconds(5);

  /** Nodes named one by one; more of them are one alert's business. */
  private static final int MOST_NODES = 20;

  private static final int NAMED = 3;

  /** 99.5 % of starts succeed, 99 % within the target. */
  public static AlertRules usual() {
    return new AlertRules(0.005, 0.01, Duration.ofSeconds(10), 0.9, Duration.ofMinutes(1));
  }

  /** Everything that is wrong now. */
  public List<Finding> findings(Signs signs, Starts starts, long nowNanos) {
    List<Finding> found = new ArrayList<>();
    failures(starts, nowNanos).ifPresent(found::add);
    slowness(starts, nowNanos).ifPresent(found::add);
    nodes(signs.nodes(), found);
    capacity(signs.nodes(), found);
    webhooks(signs.webhooks(), found);
    stuck(signs.stuck()).ifPresent(found::add);
    strangers(signs.strangers()).ifPresent(found::add);
    if (!signs.storeAnswers()) {
      found.add(
          new Finding(
              AlertKind.STORE_SILENT,
              "",
              Severity.CRITICAL,
              "The egress store does not answer: new starts are refused, recordings go on.",
              A_MOMENT));
    }
    return found;
  }

  private Optional<Finding> failures(Starts starts, long now) {
    Function<Duration, Tally> counts = window -> starts.outcomes(window, now);
    return hottest(counts, failureBudget)
        .map(burn -> {
          Tally tally = counts.apply(burn.longWindow());
          return new Finding(
              AlertKind.START_FAILURES,
              "",
              burn.severity(),
              String.format(
                  Locale.ROOT,
                  "%d of %d starts failed in the last %s (%.1f %%; %.1f %% are allowed).",
                  tally.bad(),
                  tally.total(),
                  words(burn.longWindow()),
                  tally.badShare() * 100,
                  failureBudget * 100),
              AT_ONCE);
        });
  }

  private Optional<Finding> slowness(Starts starts, long now) {
    Function<Duration, Tally> counts = window -> starts.speed(window, now);
    return hottest(counts, slowBudget)
        .map(burn -> {
          Tally tally = counts.apply(burn.longWindow());
          double p99 = starts.percentile(0.99, burn.longWindow(), now).orElse(0);
          return new Finding(
              AlertKind.START_LATENCY,
              "",
              Severity.WARNING, // late is not lost
              String.format(
                  Locale.ROOT,
                  "%d of %d starts took longer than %.1f s in the last %s (p99 %.1f s).",
                  tally.bad(),
                  tally.total(),
                  starts.latencyTarget().toMillis() / 1e3,
                  words(burn.longWindow()),
                  p99),
              AT_ONCE);
        });
  }

  /** The usual pairs are in the order of their urgency. */
  private static Optional<Burn> hottest(Function<Duration, Tally> counts, double budget) {
    return Burn.USUAL.stream().filter(burn -> burn.burns(counts, budget)).findFirst();
  }

  private void nodes(List<Signs.Node> nodes, List<Finding> found) {
    for (Signs.Node node : nodes.subList(0, Math.min(MOST_NODES, nodes.size()))) {
      switch (node.health()) {
        case WEDGED ->
            found.add(
                node(
                    AlertKind.NODE_WEDGED,
                    node,
                    Severity.CRITICAL,
                    "is wedged: it is heard on one way and not on the other. It gets no new work;"
                        + " its recordings go on."));
        case GONE ->
            found.add(
                node(
                    AlertKind.NODE_LOST,
                    node,
                    Severity.CRITICAL,
                    "is lost: nothing is heard of it on either way."));
        case HEALTHY, SUSPECT, DRAINING -> {}
      }
      if (node.health() != Health.GONE && node.oldestStatus().compareTo(statusLate) > 0) {
        boolean bad = node.oldestStatus().compareTo(statusLate.multipliedBy(3)) > 0;
        found.add(
            node(
                AlertKind.STATUS_AGE,
                node,
                bad ? Severity.CRITICAL : Severity.WARNING,
                "has a status that nobody has acknowledged for "
                    + words(node.oldestStatus())
                    + "."));
      }
    }
  }

  private static Finding node(AlertKind kind, Signs.Node node, Severity severity, String whatOfIt) {
    String where = node.region().isEmpty() ? "" : " in " + node.region();
    return new Finding(
        kind, node.id(), severity, "Node " + node.id() + where + " " + whatOfIt, AT_ONCE);
  }

  /** A region is as full as its emptiest node that takes work: that one gets the next start. */
  private void capacity(List<Signs.Node> nodes, List<Finding> found) {
    TreeMap<String, List<Signs.Node>> regions = new TreeMap<>();
    nodes.forEach(
        node -> regions.computeIfAbsent(node.region(), region -> new ArrayList<>()).add(node));
    regions.forEach((region, all) -> {
      String name = region.isEmpty() ? "The fleet" : "Region " + region;
      var least =
          all.stream().filter(Signs.Node::takesWork).mapToDouble(Signs.Node::fullness).min();
      if (least.isEmpty()) {
        found.add(
            new Finding(
                AlertKind.CAPACITY,
                region,
                Severity.CRITICAL,
                name + " has no node that takes new work: starts are refused or go elsewhere.",
                A_MOMENT));
      } else if (least.getAsDouble() >= full) {
        found.add(
            new Finding(
                AlertKind.CAPACITY,
                region,
                Severity.WARNING,
                String.format(
                    Locale.ROOT,
                    "%s is nearly full: its emptiest node is at %.0f %%.",
                    name,
                    least.getAsDouble() * 100),
                A_WHILE));
      }
    });
  }

  private void webhooks(List<Signs.Backlog> backlogs, List<Finding> found) {
    for (Signs.Backlog backlog : backlogs) {
      if (backlog.oldest().compareTo(webhookLate) > 0) {
        boolean bad = backlog.oldest().compareTo(webhookLate.multipliedBy(10)) > 0;
        found.add(
            new Finding(
                AlertKind.WEBHOOK_LAG,
                backlog.address(),
                bad ? Severity.CRITICAL : Severity.WARNING,
                String.format(
                    Locale.ROOT,
                    "%d webhook event%s for %s, the oldest for %s.",
                    backlog.waiting(),
                    backlog.waiting() == 1 ? " waits" : "s wait",
                    backlog.address(),
                    words(backlog.oldest())),
                AT_ONCE));
      }
    }
  }

  private static Optional<Finding> stuck(List<String> egresses) {
    if (egresses.isEmpty()) {
      return Optional.empty();
    }
    String named = String.join(", ", egresses.subList(0, Math.min(NAMED, egresses.size())));
    int others = egresses.size() - NAMED;
    return Optional.of(
        new Finding(
            AlertKind.STUCK_EGRESSES,
            "",
            Severity.CRITICAL,
            (egresses.size() == 1 ? "An egress does" : egresses.size() + " egresses do")
                + " not get on: "
                + named
                + (others > 0 ? " and " + others + " more." : "."),
            AT_ONCE));
  }

  private static Optional<Finding> strangers(List<String> claimants) {
    if (claimants.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Finding(
            AlertKind.FRONT_DOOR_SHARED,
            "",
            Severity.CRITICAL,
            "livekit-server's egress requests are also taken by "
                + String.join(", ", claimants.subList(0, Math.min(NAMED, claimants.size())))
                + ", which is no controller of this fleet: nobody here knows of those egresses.",
            AT_ONCE));
  }

  private static String words(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 120) {
      return seconds == 60 ? "minute" : seconds + " s";
    }
    return seconds < 7200 ? seconds / 60 + " minutes" : seconds / 3600 + " hours";
  }
}
