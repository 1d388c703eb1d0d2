package io.spillway.controller;

import io.javalin.config.JavalinConfig;
import io.spillway.controller.alert.AlertSettings;
import io.spillway.controller.alert.Alerts;
import io.spillway.controller.alert.EgressWatch;
import io.spillway.controller.alert.FleetView;
import io.spillway.controller.alert.NodeState;
import io.spillway.controller.alert.WatchLoop;
import io.spillway.controller.dashboard.Dashboard;
import io.spillway.controller.dashboard.DashboardParts;
import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.fleet.NodeView;
import io.spillway.controller.gonode.GoNodeView;
import io.spillway.controller.repair.RepairLoop;
import io.spillway.controller.status.ProgressSource;
import io.spillway.controller.status.ProgressSource.Progress;
import io.spillway.controller.webhook.Webhooks;
import io.spillway.core.alert.Starts;
import io.spillway.core.fleet.Health;
import io.spillway.core.time.TimeSource;
import io.spillway.store.ControllerStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** What looks on and tells people: the watch over egresses, the alerts, the dashboard. */
final class Observation implements AutoCloseable {
  private final Alerts alerts;
  private final Dashboard dashboard;
  private final WatchLoop watch;
  private final ProgressSource progress;

  Observation(
      ControllerSettings settings,
      ControllerHooks hooks,
      ControllerStore store,
      FleetBook book,
      Supplier<List<GoNodeView>> goNodes,
      Webhooks webhooks,
      RepairLoop repair,
      Consumer<String> stopEgress,
      Supplier<List<String>> strangers,
      TimeSource time,
      RandomGenerator random) {
    Starts starts = new Starts(settings.alerts().latencyTarget());
    EgressWatch egresses = new EgressWatch(store, starts, time);
    FleetView fleet =
        () ->
            Stream.concat(
                    book.nodes().stream()
                        .filter(node -> !leftInOrder(node))
                        .map(node -> NodeState.of(node, repair.notes(node.lease().nodeId()))),
                    goNodes.get().stream().map(NodeState::of))
                .toList();
    this.progress = () -> progress(book.nodes(), hooks.progress().progress());
    this.alerts =
        new Alerts(
            settings.alerts(),
            new Alerts.Parts(egresses, starts, progress, fleet, store.outbox(), strangers),
            hooks.metrics(),
            time,
            random);
    this.dashboard =
        new Dashboard(
            settings.dashboard(),
            new DashboardParts(
                store,
                progress,
                egresses,
                starts,
                fleet,
                alerts::told,
                webhooks,
                stopEgress,
                (node, reason) -> book.drain(node, reason),
                repair.replacements(),
                settings.api().version()),
            settings.api().keys(),
            hooks.metrics(),
            time,
            random);
    this.watch = new WatchLoop(egresses, List.of(_ -> alerts.judge(), dashboard::tell), time);
  }

  /** Tells these of alerts from now on. */
  void reload(AlertSettings settings) {
    alerts.replace(settings);
  }

  /** How far the egresses of all nodes have come. */
  ProgressSource progress() {
    return progress;
  }

  /** A node that drained and then went is no loss: a rollout must call nobody. */
  private static boolean leftInOrder(NodeView node) {
    return node.health() == Health.GONE
        && node.lease().draining()
        && node.lease().egresses().isEmpty();
  }

  /** As the leases tell it, and fresher for egresses of this process. */
  private static Map<String, Progress> progress(List<NodeView> nodes, Map<String, Progress> here) {
    Map<String, Progress> all = new HashMap<>();
    nodes.forEach(node ->
        node.lease()
            .egresses()
            .forEach(held ->
                all.put(held.egressId(), new Progress(held.mediaNanos() / 1e9, held.bytes()))));
    all.putAll(here);
    return all;
  }

  /** Adds the dashboard to a server. */
  void addPages(JavalinConfig config) {
    dashboard.addTo(config);
  }

  void start() {
    alerts.start();
    watch.start();
  }

  @Override
  public void close() {
    watch.close();
    alerts.close();
    dashboard.close();
  }
}
