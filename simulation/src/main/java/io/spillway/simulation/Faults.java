package io.spillway.simulation;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** What goes wrong, one thing after another and several at once, until the faults are over. */
final class Faults {
  private final Cluster cluster;
  private final RandomGenerator random;
  private boolean over;

  Faults(Cluster cluster, RandomGenerator random) {
    this.cluster = cluster;
    this.random = random;
  }

  /** Begins the next one, now and then. */
  void go() {
    if (over) {
      return;
    }
    begin();
    var _ = cluster.clock.after(seconds(1, 5), this::go);
  }

  /** No more; those under way still end by themselves. */
  void stop() {
    over = true;
  }

  private Duration seconds(int least, int most) {
    return Duration.ofMillis(random.nextLong(least * 1000L, most * 1000L));
  }

  private void begin() {
    switch (random.nextInt(14)) {
      case 0, 1 -> wedge(true, false);
      case 2, 3 -> wedge(false, true);
      case 4 -> wedge(true, true);
      case 5 -> slow();
      case 6 -> lie();
      case 7 -> stop(node());
      case 8, 9 -> killNode(node());
      case 10 -> killController();
      case 11 -> storeAway();
      case 12 -> split();
      default -> busTrouble();
    }
  }

  private SimulatedNode node() {
    return cluster.nodes.get(random.nextInt(cluster.nodes.size()));
  }

  private SimulatedController controller() {
    return cluster.controllers.get(random.nextInt(cluster.controllers.size()));
  }

  private void later(Duration when, Endpoint whom, Runnable mend) {
    int life = whom.life;
    var _ =
        cluster.clock.after(
            when,
            () -> {
              if (whom.life == life) {
                mend.run();
              }
            });
  }

  private void wedge(boolean out, boolean in) {
    Endpoint node = node().endpoint;
    node.canSend &= !out;
    node.canReceive &= !in;
    later(
        seconds(5, 40),
        node,
        () -> {
          node.canSend = true;
          node.canReceive = true;
        });
  }

  private void slow() {
    Endpoint node = node().endpoint;
    node.slow = true;
    later(seconds(5, 40), node, () -> node.slow = false);
  }

  private void lie() {
    SimulatedNode node = node();
    node.lying = true;
    later(seconds(10, 60), node.endpoint, () -> node.lying = false);
  }

  private void stop(SimulatedNode node) {
    if (node.endpoint.alive && !node.stopped) {
      node.stopped = true;
      later(seconds(2, 40), node.endpoint, node::goOn);
    }
  }

  private void killNode(SimulatedNode node) {
    if (!node.endpoint.alive) {
      return;
    }
    node.kill();
    later(
        seconds(1, 60),
        node.endpoint,
        () -> {
          node.endpoint.canSend = true;
          node.endpoint.canReceive = true;
          node.endpoint.hasHttp = true;
          node.endpoint.slow = false;
          node.lying = false;
          node.boot();
        });
  }

  private void killController() {
    SimulatedController controller = controller();
    if (controller.endpoint.alive) {
      controller.kill();
      later(seconds(1, 30), controller.endpoint, controller::boot);
    }
  }

  private void storeAway() {
    if (random.nextInt(3) == 0) {
      cluster.controllers.forEach(one -> one.reachesStore = false);
      var _ =
          cluster.clock.after(
              seconds(1, 15), () -> cluster.controllers.forEach(one -> one.reachesStore = true));
    } else {
      SimulatedController controller = controller();
      controller.reachesStore = false;
      var _ = cluster.clock.after(seconds(1, 20), () -> controller.reachesStore = true);
    }
  }

  /** A region loses the bus, HTTP or both; or one controller does. */
  private void split() {
    boolean bus = random.nextBoolean();
    boolean http = !bus || random.nextInt(3) == 0;
    if (random.nextInt(3) == 0) {
      Endpoint controller = controller().endpoint;
      cut(controller, bus, http);
      later(seconds(2, 20), controller, () -> heal(controller));
      return;
    }
    String region = node().region;
    for (SimulatedNode node : cluster.nodes) {
      if (node.region.equals(region)) {
        cut(node.endpoint, bus, http);
      }
    }
    var _ =
        cluster.clock.after(
            seconds(2, 25),
            () -> {
              for (SimulatedNode node : cluster.nodes) {
                if (node.region.equals(region)) {
                  heal(node.endpoint);
                }
              }
            });
  }

  private static void cut(Endpoint endpoint, boolean bus, boolean http) {
    endpoint.canSend &= !bus;
    endpoint.canReceive &= !bus;
    endpoint.hasHttp &= !http;
  }

  private static void heal(Endpoint endpoint) {
    endpoint.canSend = true;
    endpoint.canReceive = true;
    endpoint.hasHttp = true;
  }

  private void busTrouble() {
    if (random.nextInt(3) == 0) {
      cluster.network.busIsDown(true);
      var _ = cluster.clock.after(seconds(1, 20), () -> cluster.network.busIsDown(false));
    } else {
      cluster.network.loss(0.05);
      var _ = cluster.clock.after(seconds(2, 20), () -> cluster.network.loss(0.002));
    }
  }
}
