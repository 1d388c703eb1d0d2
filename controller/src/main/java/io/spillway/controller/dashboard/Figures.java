package io.spillway.controller.dashboard;

import io.spillway.controller.alert.EgressWatch;
import io.spillway.controller.alert.FleetView;
import io.spillway.controller.alert.NodeState;
import io.spillway.controller.repair.RepairNote;
import io.spillway.core.alert.Standing;
import io.spillway.core.alert.Starts;
import io.spillway.core.alert.Tally;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The overview's and the nodes page's figures as JSON. Thread-safe; never blocks. */
final class Figures {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MINUTES = 60;
  private static final int REPAIRS_SHOWN = 8;
  private static final Duration HOUR = Duration.ofHours(1);

  private final EgressWatch watch;
  private final Starts starts;
  private final FleetView fleet;
  private final Supplier<List<Standing>> alerts;
  private final Supplier<Map<String, String>> obstacles;
  private final TimeSource time;

  Figures(
      EgressWatch watch,
      Starts starts,
      FleetView fleet,
      Supplier<List<Standing>> alerts,
      Supplier<Map<String, String>> obstacles,
      TimeSource time) {
    this.watch = watch;
    this.starts = starts;
    this.fleet = fleet;
    this.alerts = alerts;
    this.obstacles = obstacles;
    this.time = time;
  }

  /** What the first page shows. */
  ObjectNode overview() {
    ObjectNode page = JSON.createObjectNode();
    page.put("now", time.unixNanos() / 1_000_000).put("storeAnswers", watch.storeAnswers());
    starts(page.putObject("starts"));
    active(page.putObject("active"));
    regions(page.putArray("regions"));
    alerts(page.putArray("alerts"));
    return page;
  }

  private void starts(ObjectNode out) {
    long now = time.nanos();
    Tally hour = starts.outcomes(HOUR, now);
    out.put("good", hour.good()).put("bad", hour.bad()).put("refused", starts.refusals(HOUR, now));
    put(out, "p50", starts.percentile(0.5, HOUR, now));
    put(out, "p99", starts.percentile(0.99, HOUR, now));
    out.put("target", starts.latencyTarget().toMillis() / 1e3);
    ArrayNode minutes = out.putArray("perMinute");
    for (Tally minute : starts.perMinute(MINUTES, now)) {
      minutes.addArray().add(minute.good()).add(minute.bad());
    }
  }

  private static void put(ObjectNode out, String name, OptionalDouble value) {
    if (value.isPresent()) {
      out.put(name, value.getAsDouble());
    } else {
      out.putNull(name);
    }
  }

  private void active(ObjectNode out) {
    int starting = 0;
    int recording = 0;
    int ending = 0;
    for (EgressInfo info : watch.active()) {
      switch (info.getStatus()) {
        case EGRESS_STARTING -> starting++;
        case EGRESS_ENDING -> ending++;
        default -> recording++;
      }
    }
    out.put("starting", starting).put("recording", recording).put("ending", ending);
  }

  private void regions(ArrayNode out) {
    Map<String, ObjectNode> byRegion = new TreeMap<>();
    for (NodeState node : fleet.nodes()) {
      ObjectNode region =
          byRegion.computeIfAbsent(
              node.region(),
              name ->
                  JSON.createObjectNode()
                      .put("region", name)
                      .put("nodes", 0)
                      .put("takesWork", 0)
                      .put("recordings", 0)
                      .put("slots", 0)
                      .put("cores", 0.0)
                      .put("busyCores", 0.0)
                      .put("fullness", 0.0));
      add(region, node);
    }
    byRegion.values().forEach(out::add);
  }

  /** A region is as full as the emptiest node that takes work: that one gets the next start. */
  private static void add(ObjectNode region, NodeState node) {
    region.put("nodes", region.path("nodes").asInt() + 1);
    region.put("recordings", region.path("recordings").asInt() + node.load().recordings());
    region.put("slots", region.path("slots").asInt() + node.load().slots());
    region.put("cores", region.path("cores").asDouble() + node.load().cores());
    region.put("busyCores", region.path("busyCores").asDouble() + node.load().busyCores());
    if (node.takesWork()) {
      int before = region.path("takesWork").asInt();
      double full = node.load().fullness();
      double least = before == 0 ? full : Math.min(region.path("fullness").asDouble(), full);
      region.put("takesWork", before + 1).put("fullness", least);
    }
  }

  private void alerts(ArrayNode out) {
    for (Standing standing : alerts.get()) {
      if (standing.isTold()) {
        out.addObject()
            .put("name", standing.finding().kind().alertName())
            .put("anchor", standing.finding().kind().anchor())
            .put("subject", standing.finding().subject())
            .put("severity", standing.finding().severity().word())
            .put("clearing", standing.phase() == Standing.Phase.CLEARING)
            .put("since", standing.sinceUnixNanos() / 1_000_000)
            .put("summary", standing.finding().summary());
      }
    }
  }

  /** The nodes, each with what both ways say. */
  ObjectNode nodes() {
    ObjectNode page = JSON.createObjectNode();
    ArrayNode nodes = page.putArray("nodes");
    Map<String, String> obstacleOf = obstacles.get();
    for (NodeState node : fleet.nodes()) {
      ObjectNode out = nodes.addObject();
      out.put("id", node.id())
          .put("kind", node.kind())
          .put("region", node.region())
          .put("version", node.version())
          .put("health", node.health().name().toLowerCase(Locale.ROOT))
          .put("reason", node.reason())
          .put("canaryMisses", node.canaryMisses())
          .put("oldestStatus", seconds(node.oldestStatus()))
          .put("takesWork", node.takesWork())
          .put("cantBeReplaced", obstacleOf.getOrDefault(node.id(), ""))
          .put("recordings", node.load().recordings())
          .put("slots", node.load().slots())
          .put("cores", node.load().cores())
          .put("busyCores", node.load().busyCores())
          .put("memory", node.load().memoryBytes())
          .put("memoryLimit", node.load().memoryLimitBytes())
          .put("fullness", node.load().fullness());
      put(out, "leaseAge", age(node.leaseAge()));
      out.put(
          "canary", node.canary().map(state -> state.name().toLowerCase(Locale.ROOT)).orElse(""));
      repairs(out.putArray("repairs"), node.repairs());
    }
    return page;
  }

  private static void repairs(ArrayNode out, List<RepairNote> repairs) {
    for (RepairNote note :
        repairs.subList(Math.max(0, repairs.size() - REPAIRS_SHOWN), repairs.size())) {
      out.addObject()
          .put("at", note.atUnixNanos() / 1_000_000)
          .put("step", note.step().name().toLowerCase(Locale.ROOT))
          .put("outcome", note.outcome().name().toLowerCase(Locale.ROOT))
          .put("text", note.text());
    }
  }

  private static OptionalDouble age(Optional<Duration> age) {
    return age.isPresent() ? OptionalDouble.of(seconds(age.get())) : OptionalDouble.empty();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
